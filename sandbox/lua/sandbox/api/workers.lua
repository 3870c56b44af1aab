--- What a worker asks to learn where it belongs.

local json = require "sandbox.json"

local workers = {}

function workers.whoami()
  return 200, json.object("scheduler_url", "scheduler.sandbox.localhost:7233", "namespace", "sandbox", "tls", false)
end

return workers
