-- Each table below each body of the endpoint table: its names, its types, what must be there. Nothing is sent.

local core = require "mistral.workflows.core"
local workflows = require "mistral.workflows"

local rows, schemas = core.endpoints(true)

local samples = {
  string = "text", uuid = ("0"):rep(32), integer = 1, nanoseconds = 1, number = 1.5, boolean = true, time = 0,
  any = "text",
}

local function fields_of(name)
  local schema = schemas[name]
  local fields = schema.base and fields_of(schema.base) or {}
  for _, field in ipairs(schema.fields) do fields[#fields + 1] = field end
  return fields
end

local function below(path, name)
  return path == "" and name or path .. "." .. name
end

local new_table

local function sample(field, path, places)
  local value
  local schema = schemas[field.of]
  if schema and schema.values then
    value = tonumber(schema.values[1]) or schema.values[1]
  elseif schema then
    value = new_table(field.of, field.list and path .. "[1]" or field.map and path .. ".key" or path, places)
  else
    value = samples[field.type] or {}
  end
  if field.list then return { value } end
  return field.map and { key = value } or value
end

-- A table with all members of a schema; it and each table below it is added to `places`.
function new_table(name, path, places)
  local value = {}
  places[#places + 1] = { path = path, value = value, fields = fields_of(name) }
  for _, field in ipairs(fields_of(name)) do
    value[field.name] = sample(field, below(path, field.name), places)
  end
  return value
end

describe("the body of", function()
  local strict, open

  setup(function()
    strict = workflows.new { api_key = "none", server_url = "http://127.0.0.1:9" }
    open = workflows.new { api_key = "none", server_url = "http://127.0.0.1:9", parameters = "open" }
  end)
  teardown(function()
    strict:close()
    open:close()
  end)

  -- Makes a request; returns nil and what is wrong, and "invalid" where that is a value.
  local function make(client, row, body)
    if row.path_values == 1 then return core[row.name](client.handle, "id", body) end
    return core[row.name](client.handle, body)
  end

  local function refused(row, body, expected, client)
    local transfer, message, kind = make(client or strict, row, body)
    assert.is_nil(transfer, expected)
    assert.truthy(message:find(expected, 1, true), message)
    return kind
  end

  local function check_field(row, body, place, field)
    local path, given = below(place.path, field.name), place.value[field.name]
    place.value[field.name] = nil
    if field.required then
      refused(row, body, ("'%s' is required"):format(path))
      refused(row, body, ("'%s' is required"):format(path), open)
    else
      assert(make(strict, row, body))
    end
    place.value[field.name] = print
    if field.type == "any" and not field.list then
      assert.equal("invalid", refused(row, body, path .. ": a function is not JSON"))
    else
      assert.is_nil(refused(row, body, ("'%s' must be "):format(path)))
    end
    if field.list then
      place.value[field.name] = { given[1], print }
      assert.is_nil(refused(row, body, ("'%s' must be a list of "):format(path)))
      place.value[field.name] = {}
      assert(make(strict, row, body))
    end
    place.value[field.name] = given
  end

  for _, row in ipairs(rows) do
    if row.body then
      it(row.name .. " is checked at every level", function()
        local places = {}
        local body = new_table(row.body, "", places)
        assert(make(strict, row, body))
        for _, place in ipairs(places) do
          place.value.not_known_at_all = 1
          local name = place.path == "" and "unknown name 'not_known_at_all'"
            or place.path .. ".not_known_at_all: unknown name"
          assert.is_nil(refused(row, body, name))
          assert(make(open, row, body))
          place.value.not_known_at_all = nil
          for _, field in ipairs(place.fields) do check_field(row, body, place, field) end
        end
      end)
    end
  end
end)
