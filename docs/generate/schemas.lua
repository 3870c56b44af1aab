--- What the schemas of the endpoint table are called, as types that editors know and in words.

local schemas = {}

local PREFIX = "mistral.workflows."
local NULL = PREFIX .. "Null"

function schemas.class(name)
  return PREFIX .. name
end

--- Gives each schema `in_body`: a request may hold it.
function schemas.mark(model)
  local function mark(name)
    local schema = model.schemas[name]
    if not schema or schema.in_body then return end
    schema.in_body = true
    mark(schema.base)
    for _, field in ipairs(schema.fields) do mark(field.of) end
  end
  for _, resource in ipairs(model.resources) do
    for _, row in ipairs(resource.rows) do mark(row.body) end
  end
end

--- The fields of a schema, those of its bases first; its own take the places of theirs.
function schemas.fields(model, name)
  local schema = model.schemas[name]
  local fields, place = schema.base and schemas.fields(model, schema.base) or {}, {}
  for index, field in ipairs(fields) do place[field.name] = index end
  for _, field in ipairs(schema.fields) do fields[place[field.name] or #fields + 1] = field end
  return fields
end

--- The name of the schema of the items of a paged list.
function schemas.item(model, row)
  for _, field in ipairs(schemas.fields(model, row.answer)) do
    if field.name == row.paging.items then return field.of end
  end
end

local function single(model, field, in_request)
  if field.of then return model.schemas[field.of] and schemas.class(field.of) or ('"%s"'):format(field.of) end
  if field.type == "uuid" then return "string" end
  if field.type == "time" then return in_request and schemas.class "Time" or "string" end
  if field.type == "nanoseconds" then return schemas.class "Nanoseconds" end
  return field.type
end

--- The type of a field as LuaCATS writes it. `place`: "query", "body" or "answer".
function schemas.kind(model, field, place)
  local kind = single(model, field, place ~= "answer")
  if field.map then kind = ("table<string, %s>"):format(kind) end
  if field.list then kind = place == "query" and ("%s[]|%s"):format(kind, kind) or kind .. "[]" end
  if field.nullable and kind ~= "any" then kind = kind .. "|" .. NULL end
  return kind
end

local words = { time = "date-time", nanoseconds = "nanoseconds since 1970", uuid = "UUID" }

--- The type of a field in words, with links into the page of types at `page`.
function schemas.words(model, field, place, page)
  local text = words[field.type] or field.type
  if field.of then
    text = model.schemas[field.of] and ("[%s](%s#%s)"):format(field.of, page, field.of:lower())
      or ("`%s`"):format(field.of)
  end
  if field.list then
    text = "list of " .. text
    if place == "query" then text = text .. ", or one" end
  end
  if field.map then text = "table of " .. text end
  return field.nullable and text .. " or null" or text
end

return schemas
