--- Inputs and results of runs: JSON texts, kept beside the record of a run, which is written often.

local store = require "sandbox.store"

local payloads = {}

--- The input of a run, or nil. Runs that continue an execution share the input of its first one.
function payloads.input(run)
  return run.input or store.get_text("input:" .. run.origin)
end

--- The result of a run, or nil.
function payloads.result(run)
  return run.result or store.get_text("result:" .. run.run)
end

function payloads.put_input(run, text)
  store.put_text("input:" .. run.origin, text)
end

function payloads.put_result(run, text)
  store.put_text("result:" .. run.run, text)
end

return payloads
