--- JSON schemas of the ordinary workflows: fields drawn from a pool, the same ones each time for the same seed.

local identifier = require "sandbox.identifier"
local json = require "sandbox.json"

local ordinary_definition = {}

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
function ordinary_definition.make(name, display_name, revision)
  local seed = name .. "/" .. revision
  return object("input_schema", input_schema(display_name, seed), "output_schema", output_schema(display_name, seed),
    "signals", json.list { pause, resume }, "queries", json.list { progress }, "updates", json.empty_array,
    "enforce_determinism", identifier.fraction(seed) < 0.5, "on_behalf_of", false, "execution_timeout", 3600,
    "plugin_metadata", json.null)
end

return ordinary_definition
