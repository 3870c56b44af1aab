-- JSON texts, and what the codec has to make of them on this Lua.
--
-- accepted: { text, value [, text that the value is encoded to] }
-- refused: { text, message, first byte that is wrong }

-- luacheck: std max

local json = require("mistral.workflows.core").json

local null, array = json.null, json.array
local has_integers = math.type ~= nil
local replacement = "\239\191\189" -- U+FFFD
-- Lua 5.1 takes the constant -0.0 for 0.
local minus_zero = -1 / math.huge

-- A number that 64-bit integers hold and doubles do not.
local function large(digits)
  return has_integers and math.tointeger(digits) or digits
end

-- What a number becomes again: where there are only doubles, 1.0 is 1.
local function float(text, without_integers)
  return has_integers and text or without_integers
end

local accepted = {
  -- literals
  { "null", null },
  { "true", true },
  { "false", false },
  { " \t\r\nnull\n", null, "null" },

  -- integers
  { "0", 0 },
  { "-1", -1 },
  { "123456789012345", 123456789012345 },
  { "-123456789012345", -123456789012345 },
  { "9007199254740991", 9007199254740991 },
  { "9007199254740993", large("9007199254740993"), has_integers and "9007199254740993" or '"9007199254740993"' },
  { "1234567890123456789", large("1234567890123456789"),
    has_integers and "1234567890123456789" or '"1234567890123456789"' },
  { "9223372036854775807", large("9223372036854775807"),
    has_integers and "9223372036854775807" or '"9223372036854775807"' },
  { "-9223372036854775808", has_integers and math.mininteger or "-9223372036854775808",
    has_integers and "-9223372036854775808" or '"-9223372036854775808"' },
  { "9223372036854775808", "9223372036854775808", '"9223372036854775808"' },
  { "[-9223372036854775809]", array { "-9223372036854775809" }, '["-9223372036854775809"]' },
  { "[" .. ("9"):rep(400) .. "]", array { ("9"):rep(400) }, '["' .. ("9"):rep(400) .. '"]' },

  -- floats
  { "1.0", 1.0, float("1.0", "1") },
  { "-0.0", minus_zero },
  { "-0", minus_zero, "-0.0" },
  { "0.0", 0.0, float("0.0", "0") },
  { "1e2", 100.0, float("100.0", "100") },
  { "1E+2", 100.0, float("100.0", "100") },
  { "0.1", 0.1 },
  { "[0.30000000000000004]", array { 0.1 + 0.2 } },
  { "1e22", 1e22, "1e+22" },
  { "5e-324", 5e-324 },
  { "1.7976931348623157e308", 1.7976931348623157e308, "1.7976931348623157e+308" },
  { "[1.5," .. "0." .. ("3"):rep(100) .. "]", array { 1.5, 1 / 3 }, "[1.5,0.3333333333333333]" },
  { "1e400", "1e400", '"1e400"' },
  { "[-1e400,1e-400]", array { "-1e400", 0.0 }, float('["-1e400",0.0]', '["-1e400",0]') },
  { "-1e-400", minus_zero, "-0.0" },
  { '{"a":{"b":0e99999}}', { a = { b = 0.0 } }, float('{"a":{"b":0.0}}', '{"a":{"b":0}}') },

  -- strings
  { '""', "" },
  { '"a"', "a" },
  { [["\"\\\/\b\f\n\r\t"]], '"\\/\b\f\n\r\t', [["\"\\/\b\f\n\r\t"]] },
  { [["\u0041\u00e9\u20AC"]], "A\195\169\226\130\172", '"A\195\169\226\130\172"' },
  { [["\ud83d\ude00"]], "\240\159\152\128", '"\240\159\152\128"' },
  { [["\ud83d"]], replacement, '"' .. replacement .. '"' },
  { [["\udc00\uDC00"]], replacement:rep(2), '"' .. replacement:rep(2) .. '"' },
  { [["\ud83d\ud83d\ude00\n\ud83dx"]], replacement .. "\240\159\152\128\n" .. replacement .. "x",
    '"' .. replacement .. "\240\159\152\128\\n" .. replacement .. 'x"' },
  { [["\ud83d\u0000\\ud83d"]], replacement .. "\0\\ud83d",
    '"' .. replacement .. [[\u0000\\ud83d"]] },
  { [[{"\ude00":["\ud83d"]}]], { [replacement] = array { replacement } },
    '{"' .. replacement .. '":["' .. replacement .. '"]}' },
  { [["\u0001\u001f"]], "\1\31" },
  { '"\127"', "\127" },
  { [["\u0000"]], "\0" },
  { [[["a\u0000b","c"]] .. "]", array { "a\0b", "c" } },
  { [[{"\u0000":"\u0000\u0000","a":"\u00e9\u0000\ud83d\ude00"}]],
    { ["\0"] = "\0\0", a = "\195\169\0\240\159\152\128" }, false },
  { '"' .. ("x"):rep(100000) .. '"', ("x"):rep(100000) },
  { '"\244\143\191\191\239\191\191\224\160\128"', "\244\143\191\191\239\191\191\224\160\128" },

  -- arrays and objects
  { "[]", array {} },
  { "{}", {} },
  { "[[],{},null]", array { array {}, {}, null } },
  { '{"a":[],"b":{}}', { a = array {}, b = {} }, false },
  { '{"a":{"b":{"c":[[[]]]}}}', { a = { b = { c = array { array { array {} } } } } } },
  { "[null,null]", array { null, null } },
  { "[ 1 , [ 2 ] , { \"a\" : 3 } ]", array { 1, array { 2 }, { a = 3 } }, '[1,[2],{"a":3}]' },
  { '{"":1}', { [""] = 1 } },
  { '{"1":1}', { ["1"] = 1 } },
  { '{"a":1,"a":[2]}', { a = array { 2 } }, '{"a":[2]}' },
  { '{"a":1.5,"a":null}', { a = null }, '{"a":null}' },
  { '{"a\\u0062":1,"ab":2}', { ab = 2 }, '{"ab":2}' },
  { '{"ABC":1,"abc":2}', { ABC = 1, abc = 2 }, false },
}

local refused = {
  { "", "unexpected end of the text", 1 },
  { " ", "unexpected end of the text", 2 },
  { "[1", "unexpected end of the text", 3 },
  { '{"a":', "unexpected end of the text", 6 },
  { '"a', "unexpected end of the text", 3 },
  { "nul", "unexpected end of the text", 4 },
  { "[1] 2", "trailing bytes after the JSON text", 5 },
  { "1 null", "trailing bytes after the JSON text", 3 },
  { "{}\0", "trailing bytes after the JSON text", 3 },
  { "01", "leading zero", 1 },
  { "[-012]", "leading zero", 3 },
  { "[1,]", "unexpected character", 4 },
  { "[,]", "unexpected character", 2 },
  { "[1,,2]", "unexpected character", 4 },
  { '{"a":1,}', "key expected", 8 },
  { "{,}", "key expected", 2 },
  { "{a:1}", "key expected", 2 },
  { '{"a" 1}', "':' expected", 6 },
  { "[1 2]", "',' or ']' expected", 4 },
  { '{"a":1]', "',' or '}' expected", 7 },
  { "[1.]", "digit expected after the decimal point", 4 },
  { "[1e]", "digit expected in the exponent", 4 },
  { "[-]", "digit expected", 3 },
  { "[NaN]", "unexpected character", 2 },
  { "[+1]", "unexpected character", 2 },
  { "['a']", "unexpected character", 2 },
  { '"a\nb"', "control character in a string", 3 },
  { '"\0"', "control character in a string", 2 },
  { [["\x41"]], "invalid escape", 2 },
  { [["\u00g0"]], "invalid escape", 2 },
  { "\239\187\191", "byte order mark", 1 },
  { '"\255"', "invalid UTF-8", 2 },
  { '"\195\195"', "invalid UTF-8", 2 },
  { '"\226\130\226"', "invalid UTF-8", 2 },
  { '"\192\128"', "invalid UTF-8", 2 },
  { '"\237\160\128"', "invalid UTF-8", 2 },
  { '"\244\144\128\128"', "invalid UTF-8", 2 },
  { "\239\187\191{}", "byte order mark", 1 },
  { ("["):rep(1001) .. ("]"):rep(1001), "nested deeper than 1000", 1001 },
  { ("["):rep(1000000), "nested deeper than 1000", 1001 },
  { ('{"a":'):rep(1000000), "nested deeper than 1000", 5001 },
}

return { accepted = accepted, refused = refused }
