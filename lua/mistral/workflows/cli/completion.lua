--- Completion for shells, made from the declarations of the commands.
--
-- Commands, options and choices are in the script; names of workflows, deployments and schedules are asked for by the
-- hidden command `names`.
-- @module mistral.workflows.cli.completion

local parser = require "mistral.workflows.cli.parser"

local completion = {}

-- Names of an option: "-v --verbose" -> { "-v", "--verbose" }
local function names_of(option)
  local names = {}
  for name in (option.flag or option.name):gmatch "%S+" do names[#names + 1] = name end
  return names
end

local function commands()
  local list = {}
  for _, group in ipairs(parser.groups()) do
    for _, command in ipairs(group) do
      if not command.hidden then list[#list + 1] = command end
    end
  end
  return list
end

local function options_of(command)
  local list = {}
  for _, option in ipairs(command.options or {}) do list[#list + 1] = option end
  for _, option in ipairs(parser.common) do list[#list + 1] = option end
  list[#list + 1] = { flag = "-h --help", description = "Show help." }
  return list
end

-- What the last argument takes; those before it, an id say, are of other kinds.
local function argument_of(command)
  local arguments = command.arguments or {}
  return arguments[1] and arguments[1].complete and arguments[1] or arguments[#arguments] or {}
end

local function words_of(options)
  local words = {}
  for _, option in ipairs(options) do
    for _, name in ipairs(names_of(option)) do words[#words + 1] = name end
  end
  return table.concat(words, " ")
end

local function pattern(command) return command.also and command.name .. "|" .. command.also or command.name end

-- The words that an option's value or an argument is one of, or nil.
local function words_for(item)
  local words = item.choices or item.words
  return words and table.concat(words, " ")
end

-- What bash does for an option's value or an argument.
local function bash_words(item)
  local words = words_for(item)
  if words then return ('COMPREPLY=($(compgen -W "%s" -- "$cur"))'):format(words) end
  if item.complete == "files" then return 'COMPREPLY=($(compgen -f -- "${cur#@}"))' end
  if item.complete then return ('COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names %s 2>/dev/null)" -- "$cur"))')
    :format(item.complete) end
  return "COMPREPLY=()"
end

local BASH = [=[
# Completion of mistral-workflows for bash. Made by `mistral-workflows completion bash`.
_mistral_workflows() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
    %s) ((i++)) ;;
    -*) ;;
    *) command=${COMP_WORDS[i]}; break ;;
    esac
  done
  case $command:$prev in
%s
  esac
  if [[ $cur == -* ]]; then
    case $command in
%s
    *) COMPREPLY=($(compgen -W "%s" -- "$cur")) ;;
    esac
    return
  fi
  case $command in
  '') COMPREPLY=($(compgen -W "%s" -- "$cur")) ;;
%s
  esac
}
complete -o filenames -F _mistral_workflows mistral-workflows mwf
]=]

local function valued(options)
  local names = {}
  for _, option in ipairs(options) do
    for _, name in ipairs(option.name and names_of(option) or {}) do names[#names + 1] = name end
  end
  return names
end

function completion.bash()
  local values, options, arguments, names = {}, {}, {}, {}
  for _, command in ipairs(commands()) do
    names[#names + 1] = command.name
    for _, option in ipairs(command.options or {}) do
      if option.name then
        values[#values + 1] = ("  %s:%s) %s; return ;;"):format(command.name, option.name, bash_words(option))
      end
    end
    options[#options + 1] = ('    %s) COMPREPLY=($(compgen -W "%s" -- "$cur")) ;;'):format(pattern(command),
      words_of(options_of(command)))
    local argument = argument_of(command)
    if argument.complete or argument.choices then
      arguments[#arguments + 1] = ("  %s) %s ;;"):format(pattern(command), bash_words(argument))
    end
  end
  for _, option in ipairs(parser.common) do
    if option.name then values[#values + 1] = ("  *:%s) %s; return ;;"):format(option.name, bash_words(option)) end
  end
  return BASH:format(table.concat(valued(parser.common), "|"), table.concat(values, "\n"), table.concat(options, "\n"),
    words_of(options_of {}), table.concat(names, " "), table.concat(arguments, "\n"))
end

-- Text in single quotes, for zsh's specifications.
local function zsh_quote(value) return "'" .. value:gsub("'", "'\\''") .. "'" end

local function zsh_escape(value) return (value:gsub("[%[%]:\\]", "\\%0")) end

local function zsh_words(item)
  if words_for(item) then return "(" .. words_for(item) .. ")" end
  if item.complete == "files" then return "_files" end
  return item.complete and "{_mistral_workflows_names " .. item.complete .. "}" or ""
end

-- The specifications of options, as _arguments takes them.
local function zsh_options(options)
  local specifications = {}
  for _, option in ipairs(options) do
    local many = option.count == "*" and "*" or ""
    local value = option.name and (":%s:%s"):format(zsh_escape(option.argname or "value"), zsh_words(option)) or ""
    for _, name in ipairs(names_of(option)) do
      specifications[#specifications + 1] = zsh_quote(("%s%s[%s]%s"):format(many, name,
        zsh_escape(option.description), value))
    end
  end
  return specifications
end

local ZSH = [=[
#compdef mistral-workflows mwf
# Completion of mistral-workflows for zsh. Made by `mistral-workflows completion zsh`.
_mistral_workflows_names() {
  local -a names=(${(f)"$($service names $1 2>/dev/null)"})
  compadd -a names
}
_mistral_workflows() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C \
    %s \
    '1:command:->command' '*::argument:->argument'
  case $state in
  command)
    local -a commands=(
%s
    )
    _describe command commands ;;
  argument)
    case $words[1] in
%s
    esac ;;
  esac
}
if [ "$funcstack[1]" = _mistral-workflows ]; then
  _mistral_workflows "$@"
else
  compdef _mistral_workflows mistral-workflows mwf
fi
]=]

function completion.zsh()
  local names, cases = {}, {}
  for _, command in ipairs(commands()) do
    names[#names + 1] = "      " .. zsh_quote(command.name .. ":" .. zsh_escape(command.summary))
    local specifications, argument = zsh_options(options_of(command)), argument_of(command)
    if argument.name then
      local label = zsh_escape(argument.argname or argument.name)
      specifications[#specifications + 1] = zsh_quote(("*:%s:%s"):format(label, zsh_words(argument)))
    end
    cases[#cases + 1] = ("    %s) _arguments \\\n      %s ;;"):format(pattern(command),
      table.concat(specifications, " \\\n      "))
  end
  return ZSH:format(table.concat(zsh_options(parser.common), " \\\n    "), table.concat(names, "\n"),
    table.concat(cases, "\n"))
end

local function fish_quote(value) return "'" .. value:gsub("[\\']", "\\%0") .. "'" end

local function fish_words(item)
  if words_for(item) then return " -x -a " .. fish_quote(words_for(item)) end
  if item.complete == "files" then return " -r -F" end
  if item.complete then return (" -x -a '(__mistral_workflows_names %s)'"):format(item.complete) end
  return " -x"
end

local function fish_options(lines, options, condition)
  for _, option in ipairs(options) do
    local parts = { "complete -c mistral-workflows", condition }
    for _, name in ipairs(names_of(option)) do
      parts[#parts + 1] = name:find "^%-%-" and "-l " .. name:sub(3) or "-s " .. name:sub(2)
    end
    parts[#parts + 1] = "-d " .. fish_quote(option.description)
    lines[#lines + 1] = table.concat(parts, " ") .. (option.name and fish_words(option) or "")
  end
end

local FISH = [=[
# Completion of mistral-workflows for fish. Made by `mistral-workflows completion fish`.
function __mistral_workflows_names
  set -l words (commandline -opc)
  $words[1] names $argv[1] 2>/dev/null
end
complete -c mistral-workflows -f
%s
complete -c mwf -w mistral-workflows
]=]

function completion.fish()
  local lines = {}
  fish_options(lines, options_of {}, "")
  for _, command in ipairs(commands()) do
    lines[#lines + 1] = ("complete -c mistral-workflows -n __fish_use_subcommand -a %s -d %s"):format(command.name,
      fish_quote(command.summary))
    local names = command.also and command.name .. " " .. command.also or command.name
    local condition = "-n '__fish_seen_subcommand_from " .. names .. "'"
    fish_options(lines, command.options or {}, condition)
    local argument = argument_of(command)
    if argument.complete or argument.choices then
      lines[#lines + 1] = ("complete -c mistral-workflows %s%s"):format(condition, fish_words(argument))
    end
  end
  return FISH:format(table.concat(lines, "\n"))
end

return completion
