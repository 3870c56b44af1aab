--- JSON schemas of the ordinary workflows: fields drawn from a pool, the same ones each time for the same seed.

local identifier = require "sandbox.identifier"
local json = require "sandbox.json"

local schemas = {}

local object = json.object

local function described(kind, title, description, ...)
  return object("type", kind, "title", title, "description", description, ...)
end

-- { name, schema }
local pool = {
  { "document_url", described("string", "Document Url", "Where the document is fetched from; may be a signed link.",
    "format", "uri", "maxLength", 2048) },
  { "language", described("string", "Language", "Language of the text as a BCP 47 tag; detected when left out.",
    "default", "en", "examples", json.list { "en", "fr", "de-CH" }) },
  { "customer_id", described("string", "Customer Id", "Account on whose behalf the work is done.",
    "pattern", "^[A-Z]{2}-[0-9]{6}$") },
  { "priority", described("string", "Priority", "How soon a worker should pick this up.",
    "enum", json.list { "low", "normal", "high", "urgent" }, "default", "normal") },
  { "model", described("string", "Model", "Name of the model that reads the document.",
    "default", "mistral-medium-latest") },
  { "temperature", described("number", "Temperature", "Sampling temperature of the model.", "minimum", 0,
    "maximum", 1.5, "default", 0.2) },
  { "max_tokens", described("integer", "Max Tokens", "Longest answer of the model, in tokens.", "minimum", 1,
    "maximum", 32768, "default", 4096) },
  { "notify", object("anyOf", json.list { object("type", "string", "format", "email"), object("type", "null") },
    "title", "Notify", "description", "Address that gets a message at the end.", "default", json.null) },
  { "page_range", object("anyOf", json.list { object("type", "array", "items", object("type", "integer", "minimum", 1),
    "minItems", 2, "maxItems", 2), object("type", "null") }, "title", "Page Range",
    "description", "First and last page to read, both included.", "default", json.null) },
  { "labels", described("array", "Labels", "Free labels that are copied to the result.",
    "items", object("type", "string", "maxLength", 100), "uniqueItems", true) },
  { "currency", described("string", "Currency", "Currency of all amounts, ISO 4217.", "minLength", 3, "maxLength", 3,
    "default", "EUR") },
  { "threshold", described("number", "Threshold", "Confidence below which a person is asked.", "minimum", 0,
    "maximum", 1, "default", 0.85) },
  { "due_date", object("anyOf", json.list { object("type", "string", "format", "date"), object("type", "null") },
    "title", "Due Date", "description", "Day by which the result is needed.", "default", json.null) },
  { "retention_days", described("integer", "Retention Days", "How long intermediate files are kept.", "minimum", 0,
    "maximum", 365, "default", 30) },
  { "metadata", described("object", "Metadata", "Values that are handed through unchanged.",
    "additionalProperties", object("type", "string")) },
  { "dry_run", described("boolean", "Dry Run", "Do everything but write to other systems.", "default", false) },
}

local outputs = {
  { "summary", described("string", "Summary", "A few sentences about the outcome.") },
  { "confidence", described("number", "Confidence", "How sure the model is, from 0 to 1.") },
  { "items", described("array", "Items", "What was found, in reading order.",
    "items", object("$ref", "#/$defs/Finding")) },
  { "tokens_used", described("integer", "Tokens Used", "Tokens of all model calls together.") },
  { "reference", described("string", "Reference", "Where the full result is stored.", "format", "uri") },
}

local finding = object("type", "object", "title", "Finding", "properties", object(
  "label", object("type", "string", "title", "Label"),
  "value", object("anyOf", json.list { object("type", "string"), object("type", "number"), object("type", "null") },
    "title", "Value"),
  "page", object("type", "integer", "title", "Page", "minimum", 1)), "required", json.list { "label", "page" })

-- `count` entries of a pool, starting at a place that depends on the seed. (No pool has a multiple of 3 entries.)
local function draw(from, seed, count)
  local parts, start = {}, identifier.between(seed, 0, #from - 1)
  for index = 0, count - 1 do
    local entry = from[(start + index * 3) % #from + 1]
    parts[#parts + 1] = entry[1]
    parts[#parts + 1] = entry[2]
  end
  return object(unpack(parts))
end

local function input_schema(name, seed)
  return object("type", "object", "title", name, "properties", draw(pool, seed .. "/input", 12),
    "required", json.empty_array, "additionalProperties", true)
end

local function output_schema(name, seed)
  return object("type", "object", "title", name .. " result", "properties", draw(outputs, seed .. "/output", 5),
    "required", json.empty_array, "$defs", object("Finding", finding))
end

local pause = object("name", "pause", "description", "Stops before the next step until `resume` arrives.",
  "input_schema", object("type", "object", "properties", object("reason", object("type", "string"))))
local resume = object("name", "resume", "description", "Goes on after `pause`.",
  "input_schema", object("type", "object", "properties", json.empty_object))
local progress = object("name", "progress", "description", "Share of the work that is done.",
  "input_schema", object("type", "object", "properties", json.empty_object),
  "output_schema", object("type", "number", "minimum", 0, "maximum", 1))

--- The definition of an ordinary workflow, as raw JSON. `revision` changes it a little.
function schemas.ordinary(name, display_name, revision)
  local seed = name .. "/" .. revision
  return object("input_schema", input_schema(display_name, seed), "output_schema", output_schema(display_name, seed),
    "signals", json.list { pause, resume }, "queries", json.list { progress }, "updates", json.empty_array,
    "enforce_determinism", identifier.fraction(seed) < 0.5, "on_behalf_of", false, "execution_timeout", 3600,
    "plugin_metadata", json.null)
end

-- Checking: the parts of JSON Schema that the definitions of this service use.

local types = {
  object = json.is_object,
  array = json.is_array,
  string = function(v) return type(v) == "string" end,
  boolean = function(v) return type(v) == "boolean" end,
  null = function(v) return v == json.null end,
  number = function(v) return type(v) == "number" or (type(v) == "table" and type(v[1]) == "string") end,
  integer = function(v)
    return (type(v) == "number" and v % 1 == 0) or
      (type(v) == "table" and type(v[1]) == "string" and v[1]:find("^%-?%d+$") ~= nil)
  end,
}

local check

local function check_members(schema, value, path)
  for _, name in ipairs(schema.required or {}) do
    if value[name] == nil then
      return ("'%s' is a required property"):format(name)
    end
  end
  for name, member in pairs(value) do
    local known = schema.properties and schema.properties[name]
    if known then
      local problem = check(known, member, path == "" and name or path .. "." .. name)
      if problem then
        return problem
      end
    elseif schema.additionalProperties == false then
      return ("Additional properties are not allowed ('%s' was unexpected)"):format(name)
    end
  end
end

local function any_of(schemas_, value, path)
  local problem
  for _, schema in ipairs(schemas_) do
    problem = check(schema, value, path)
    if not problem then
      return nil
    end
  end
  return problem
end

local function check_range(schema, value)
  if type(value) == "number" and schema.minimum and value < schema.minimum then
    return ("%s is less than the minimum of %s"):format(json.encode(value), schema.minimum)
  elseif type(value) == "number" and schema.maximum and value > schema.maximum then
    return ("%s is greater than the maximum of %s"):format(json.encode(value), schema.maximum)
  end
  if schema.enum then
    for _, allowed in ipairs(schema.enum) do
      if allowed == value then
        return nil
      end
    end
    return ("%s is not one of %s"):format(json.encode(value), json.encode(schema.enum))
  end
end

function check(schema, value, path)
  local problem
  if schema.anyOf then
    return any_of(schema.anyOf, value, path)
  elseif schema.type and not types[schema.type](value) then
    problem = ("%s is not of type '%s'"):format(json.encode(value), schema.type)
  elseif schema.type == "object" then
    return check_members(schema, value, path)
  else
    problem = check_range(schema, value)
  end
  return problem and path ~= "" and path .. ": " .. problem or problem
end

--- What is wrong with `value`, or nil. `schema` is a decoded JSON schema.
function schemas.problem(schema, value)
  return check(schema, value, "")
end

return schemas
