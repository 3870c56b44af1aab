--- The endpoint table of the C core, read once.
-- @module mistral.workflows.rows

local core = require "mistral.workflows.core"

local rows = { all = core.endpoints(), by_name = {} }

for _, row in ipairs(rows.all) do rows.by_name[row.name] = row end

return rows
