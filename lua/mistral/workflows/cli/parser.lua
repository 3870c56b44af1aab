--- The parser of the command line, made from the declarations of the commands.
--
-- A group is a list of commands with a `title`. A command is a table:
--
-- * `name`, perhaps a shorter one in `also`, `summary` (one line) and, where there is more to say, `description`
-- * `arguments`, `options`: lists of tables that argparse takes; a `flag` is an option without a value. `complete`
--   says what a shell completes there: "workflows", "deployments", "schedules", "files"; otherwise the `choices` or
--   `words`
-- * `examples`: list of { arguments, what they do }
-- * `run(context, args)`: does it, and returns an exit status other than 0
--
-- @module mistral.workflows.cli.parser

local problem = require "mistral.workflows.cli.problem"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143 (one of them, by version)

local parser = {}

parser.program, parser.short = "mistral-workflows", "mwf"

local GROUPS = {
  "workflows", "running", "following", "executions", "tracing", "interaction", "batch", "schedules", "deployments",
  "types", "sandbox", "service",
}

--- All groups of commands, in the order in which the help shows them.
function parser.groups()
  local groups = {}
  for index, name in ipairs(GROUPS) do groups[index] = require("mistral.workflows.cli.commands." .. name) end
  return groups
end

--- The options of every command.
parser.common = {
  { name = "--server", argname = "URL",
    description = "The service; default: $MISTRAL_SERVER_URL, else Mistral's own." },
  { name = "--key-file", argname = "FILE", complete = "files",
    description = "A file with the API key; default: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY." },
  { flag = "--json", description = "Print the service's JSON unchanged; of lists, one object a line." },
  { name = "--fields", argname = "A,B.C", description = "Print only these members." },
  { flag = "--utc", description = "Show times in UTC instead of local time." },
  { flag = "-v --verbose", description = "Show each request on standard error." },
}

--- The option that commands have which change something.
parser.dry_run = { flag = "-n --dry-run", description = "Only say what would be done." }

--- The option of lists.
parser.limit = {
  name = "--limit", argname = "N", description = "Stop after so many.",
  convert = function(value)
    local number = tonumber(value)
    if number and number >= 0 and number % 1 == 0 then return number end
    return nil, ("--limit takes a whole number, not '%s'"):format(value)
  end,
}

local function add_option(target, option)
  local made = option.flag and target:flag(option.flag)(option) or target:option()(option)
  -- argparse would make an empty list of what was not given.
  if option.count == "*" then made:init(false) end
end

local function epilog(command)
  local lines = {}
  for _, example in ipairs(command.examples or {}) do
    lines[#lines + 1] = ("   %s %s"):format(parser.short, example[1])
    if example[2] then lines[#lines + 1] = "      " .. example[2] end
  end
  local text = #lines > 0 and "Examples:\n" .. table.concat(lines, "\n") .. "\n\n" or ""
  return text .. ("The options of all commands: %s --help"):format(parser.program)
end

local function add_command(root, command)
  local made = root:command(command.name)
  if command.also then made:hidden_name(command.also) end
  made:target("is_" .. command.name):summary(command.summary)
  made:description(command.description and command.summary .. "\n\n" .. command.description or command.summary)
  made:epilog(epilog(command))
  if command.hidden then made:hidden(true) end
  for _, argument in ipairs(command.arguments or {}) do made:argument()(argument) end
  for _, option in ipairs(command.options or {}) do add_option(made, option) end
  return made
end

-- Refusals are raised, with the command whose help tells more.
local function refuse(made, message)
  problem.usage("%s (%s --help)", message, made:_get_fullname())
end

--- What the tool is, for the help and the man page.
parser.description = [[
Mistral Workflows on the command line: finds workflows, runs them, follows them, and manages what runs.

The API key is in $MISTRAL_API_KEY, or in a file that --key-file or $MISTRAL_SA_TOKEN_PATH names.]]

--- What the exit statuses mean.
parser.exit_statuses = {
  { 0, "completed" }, { 1, "failed" }, { 2, "wrong usage" }, { 3, "cancelled or terminated" }, { 4, "timed out" },
  { 5, "network or service" },
}

--- The variables of the environment that count.
parser.variables = {
  { "MISTRAL_API_KEY", "The API key." },
  { "MISTRAL_SA_TOKEN_PATH", "A file with the key or a service account's token; it is read again when it changes." },
  { "MISTRAL_SERVER_URL", "The service, in place of Mistral's own." },
  { "NO_COLOR", "Where it is not empty, nothing is coloured." },
}

local function epilog_of_all()
  local words = {}
  for index, each in ipairs(parser.exit_statuses) do words[index] = ("%d %s"):format(each[1], each[2]) end
  return ("Exit status: %s.\n%s COMMAND --help has examples."):format(table.concat(words, ", "), parser.program)
end

--- Makes the parser.
-- @return the argparse parser, and the commands by name
function parser.new()
  local ok, argparse = pcall(require, "argparse")
  if not ok then
    problem.usage "argparse is missing: install lua-argparse (Debian) or `luarocks install argparse`"
  end
  local root = argparse(parser.program, parser.description, epilog_of_all())
  root:command_target "command":help_max_width(100):usage_max_width(100):help_description_margin(29)
  root.error = refuse
  local commands = {}
  for _, option in ipairs(parser.common) do add_option(root, option) end
  root:flag "--version":description "Show the version.":action(function()
    print(parser.program .. " " .. require("mistral.workflows")._VERSION)
    os.exit(0)
  end)
  for _, group in ipairs(parser.groups()) do
    local elements = {}
    for _, command in ipairs(group) do
      commands[command.name] = command
      commands[command.also or command.name] = command
      elements[#elements + 1] = add_command(root, command)
    end
    root:group(group.title, unpack(elements))
  end
  root:usage(("Usage: %s [options] COMMAND ..."):format(parser.program))
  return root, commands
end

return parser
