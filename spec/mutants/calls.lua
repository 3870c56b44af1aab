-- Mistakes in the sender and what it decides: retries, errors.
return {
  {
    file = "lua/mistral/workflows/retry.lua",
    specs = "http/retries http/execute_once http/deadlines",
    { "attempt >= policy.attempts", "attempt > policy.attempts" },
    { "failure.status == 429 or", "failure.status == 423 or" },
    { "and failure.retry_after ~= nil)", "and failure.retry_after == nil)" },
    { "failure.unsent == true and", "failure.unsent ~= true and" },
    { "[408] = true, ", "" },
    { "[502] = true, ", "" },
    { "[504] = true", "[505] = true" },
    { "2 ^ (attempt - 1)", "2 ^ attempt" },
    { "math.min(policy.cap,", "math.max(policy.cap," },
    { "failure.retry_after > delay then", "failure.retry_after < delay then" },
    { "if start > started + policy.budget then return nil end", "" },
    { "if deadline and start >= deadline - CLOCK_SECONDS then return nil end", "" },
    { 'rule == "safe" and', 'rule ~= "safe" and' },
    { " and not failure.unsent", "" },
    { "attempts = 4, base", "attempts = 3, base" },
  },
}
