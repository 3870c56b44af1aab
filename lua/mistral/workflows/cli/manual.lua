--- The man page, made from the declarations of the commands.
-- @module mistral.workflows.cli.manual

local parser = require "mistral.workflows.cli.parser"
local workflows = require "mistral.workflows"

-- Text of a page: backslashes and hyphens are taken as they are, and no line begins with a dot by chance.
local function escape(value)
  return (value:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("\n%.", "\n\\&."):gsub("^([.'])", "\\&%1"))
end

local function bold(value) return "\\fB" .. escape(value) .. "\\fR" end
local function italic(value) return "\\fI" .. escape(value) .. "\\fR" end

local function add_option(lines, option)
  local names = {}
  for name in (option.flag or option.name):gmatch "%S+" do
    names[#names + 1] = bold(name) .. (option.name and " " .. italic(option.argname or "VALUE") or "")
  end
  lines[#lines + 1] = ".TP\n" .. table.concat(names, ", ")
  lines[#lines + 1] = escape(option.description)
end

local function synopsis(command)
  local words = { bold(command.name) }
  if #(command.options or {}) > 0 then words[#words + 1] = "[" .. italic "options" .. "]" end
  for _, argument in ipairs(command.arguments or {}) do
    local many = argument.args == "*" and "[%s ...]" or argument.args == "+" and "%s ..."
      or argument.args == "?" and "[%s]" or "%s"
    words[#words + 1] = many:gsub("%%s", function() return italic(argument.argname or argument.name) end)
  end
  return table.concat(words, " ")
end

local function add_command(lines, command)
  lines[#lines + 1] = ".SS " .. synopsis(command)
  lines[#lines + 1] = escape(command.summary)
  if command.description then lines[#lines + 1] = escape(command.description) end
  for _, argument in ipairs(command.arguments or {}) do
    lines[#lines + 1] = ".TP\n" .. italic(argument.argname or argument.name)
    lines[#lines + 1] = escape(argument.description)
  end
  for _, option in ipairs(command.options or {}) do add_option(lines, option) end
  for _, example in ipairs(command.examples or {}) do
    lines[#lines + 1] = ".PP\n.nf\n.RS\n" .. escape(parser.short .. " " .. example[1]) .. "\n.RE\n.fi"
    if example[2] then lines[#lines + 1] = ".RS\n" .. escape(example[2]) .. "\n.RE" end
  end
end

local function add_statuses(lines)
  for _, each in ipairs(parser.exit_statuses) do
    lines[#lines + 1] = (".TP\n%s\n%s"):format(bold(tostring(each[1])), escape(each[2]))
  end
end

local function add_variables(lines)
  for _, each in ipairs(parser.variables) do
    lines[#lines + 1] = (".TP\n%s\n%s"):format(bold(each[1]), escape(each[2]))
  end
end

--- The page, as roff.
return function()
  local lines = {
    ('.TH MISTRAL-WORKFLOWS 1 "" "mistral-workflows %s" "User Commands"'):format(workflows._VERSION),
    ".SH NAME", escape "mistral-workflows, mwf - Mistral Workflows on the command line",
    ".SH SYNOPSIS", bold(parser.program) .. " [" .. italic "options" .. "] " .. italic "COMMAND" .. " ...",
    ".SH DESCRIPTION", escape(parser.description), ".SH OPTIONS",
  }
  for _, option in ipairs(parser.common) do add_option(lines, option) end
  for _, group in ipairs(parser.groups()) do
    lines[#lines + 1] = ".SH " .. escape(group.title:upper())
    for _, command in ipairs(group) do
      if not command.hidden then add_command(lines, command) end
    end
  end
  lines[#lines + 1] = ".SH EXIT STATUS"
  add_statuses(lines)
  lines[#lines + 1] = ".SH ENVIRONMENT"
  add_variables(lines)
  return table.concat(lines, "\n") .. "\n"
end
