--- Loaded once by the master, so that workers start with everything compiled.

require "resty.core"
require "sandbox.app"
require("sandbox.reset").run()
