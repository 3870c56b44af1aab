--- Commands about the service and the tool itself.

local completion = require "mistral.workflows.cli.completion"
local manual = require "mistral.workflows.cli.manual"
local reading = require "mistral.workflows.cli.reading"
local screen = require "mistral.workflows.cli.screen"

local function whoami(asked)
  asked:show(function(options) return asked:client():whoami(options) end, function(answer)
    asked:details {
      { "server", asked:client().options.server_url }, { "namespace", answer.namespace },
      { "scheduler", answer.scheduler_url }, { "tls", answer.tls and "yes" or "no" },
    }
  end)
end

local function show_completion(_, args)
  screen.write(completion[args.shell]())
end

-- What a shell completes: { resource, member, params }.
local listed = {
  workflows = { "workflows", "name", { archived = false, limit = 1000 } },
  deployments = { "deployments", "name", { limit = 100 } },
  schedules = { "schedules", "schedule_id", { page_size = 1000 } },
}

local MOST_NAMES, NAMES_SECONDS = 1000, 3

local function names(asked, args)
  local resource, member, params = listed[args.kind][1], listed[args.kind][2], listed[args.kind][3]
  local count = 0
  for item in asked:client()[resource]:each(params, { fields = { member }, deadline = NAMES_SECONDS, retry = false }) do
    screen.write(reading.line(reading.value(item, member)), "\n")
    count = count + 1
    if count >= MOST_NAMES then break end
  end
end

return {
  title = "Service and tool",
  {
    name = "whoami",
    summary = "Show what the key belongs to.",
    examples = { { "whoami" } },
    run = whoami,
  },
  {
    name = "completion",
    summary = "Print the completion script for a shell.",
    arguments = { { name = "shell", choices = { "bash", "zsh", "fish" }, description = "bash, zsh or fish." } },
    examples = {
      { "completion bash > ~/.local/share/bash-completion/completions/mistral-workflows" },
      { "completion fish > ~/.config/fish/completions/mistral-workflows.fish" },
    },
    run = show_completion,
  },
  {
    name = "names",
    hidden = true,
    summary = "Print names for completion.",
    arguments = { { name = "kind", choices = { "workflows", "deployments", "schedules" }, description = "Of what." } },
    run = names,
  },
  {
    name = "manual",
    hidden = true,
    summary = "Print the man page.",
    run = function() screen.write(manual()) end,
  },
}
