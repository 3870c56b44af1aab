-- The command line: help, examples, completion, the man page, and what is said where something is wrong.

local lua = require "spec.support.lua"
local parser = require "mistral.workflows.cli.parser"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"
local terminal = require "spec.support.session"
local tool = require "spec.support.tool"
local workflows = require "mistral.workflows"

describe("mistral-workflows", function()
  local function each_command(fn)
    for _, group in ipairs(parser.groups()) do
      for _, command in ipairs(group) do fn(command) end
    end
  end

  -- The words of an example, as a shell would give them, up to what is another program's.
  local function words_of(example)
    local text = example:gsub("%$%([^)]*%)", "ID"):gsub(" [|>].*", "")
    local words = {}
    for word in process.output("for w in " .. text .. "; do echo \"$w\"; done"):gmatch "[^\n]+" do
      words[#words + 1] = word
    end
    return words
  end

  it("says for every command what it does, with examples that it understands", function()
    each_command(function(command)
      assert(command.summary:find "%.$", command.name)
      for _, option in ipairs(command.options or {}) do
        assert(option.description, command.name .. " " .. (option.name or option.flag))
      end
      for _, argument in ipairs(command.arguments or {}) do
        assert(argument.description, command.name .. " " .. argument.name)
      end
      assert(command.hidden or #command.examples > 0, command.name)
      for _, example in ipairs(command.examples or {}) do
        local root = parser.new()
        local ok, result = pcall(root.parse, root, words_of(example[1]))
        assert(ok, example[1] .. ": " .. tostring(type(result) == "table" and result.message or result))
        assert.equal(command.name, result.command)
      end
    end)
  end)

  it("helps", function()
    local out, status, err = tool.run(nil, "--help")
    assert.equal(0, status)
    assert.equal("", err)
    each_command(function(command)
      assert.equal(not command.hidden, out:find("\n   " .. command.name, 1, true) ~= nil)
      local help = tool.run(nil, command.name .. " --help")
      assert(help:find(command.summary, 1, true), help)
      for _, example in ipairs(command.examples or {}) do assert(help:find(example[1], 1, true), help) end
    end)
    assert.same({ ("mistral-workflows %s\n"):format(workflows._VERSION), 0, "" }, { tool.run(nil, "--version") })
    assert.equal(out, (tool.run(nil, "help")))
    assert.equal(tool.run(nil, "run --help"), (tool.run(nil, "help run")))
  end)

  it("starts quickly", function()
    -- The processor's time, which does not depend on what else runs: of ten starts, on the last line of `times`.
    local out = tool.shell(nil, "for i in 1 2 3 4 5 6 7 8 9 10; do mwf --help >/dev/null; done; times")
    local user, system = out:match "\n0m([%d.]+)s 0m([%d.]+)s%s*$"
    local milliseconds = (user + system) * 1000 / 10
    assert(milliseconds < 60, ("--help takes %.0f ms"):format(milliseconds))
  end)

  it("suggests commands and options", function()
    local function said(arguments)
      local out, status, err = tool.run(nil, arguments)
      assert.equal(2, status)
      assert.equal("", out)
      return err
    end
    assert.equal("mistral-workflows: unknown command 'regstrations'; did you mean 'registrations'?\n",
      said "regstrations")
    assert.equal("mistral-workflows: unknown command 'workrs'; did you mean 'workers'?\n",
      said "--server http://127.0.0.1:1 workrs")
    assert.equal("mistral-workflows: unknown option '--statu' Did you mean '--status'? "
      .. "(mistral-workflows runs --help)\n", said "runs --statu FAILED")
    assert(said "runs --status DONE":find("'DONE' is no status; there are RUNNING, COMPLETED, FAILED,", 1, true))
    assert(said "":find "a command is required")
    assert.equal("mistral-workflows: there is no API key: set MISTRAL_API_KEY, or name a file with --key-file\n",
      said "list")
  end)

  it("tells what is wrong with the options of the client, and with names of members", function()
    local server = sandbox.start()
    local _, status, err = tool.run(server, "list --server ftp://nowhere")
    assert.equal(2, status)
    assert(err:find "^mistral%-workflows: option 'server_url' ", err)
    _, status, err = tool.run(server, "list --fields name,titel")
    assert.equal(2, status)
    assert(err:find "^mistral%-workflows: %-%-fields: .*titel", err)
    _, status, err = tool.run(server, "list", { MISTRAL_API_KEY = "wrong" })
    assert.equal(5, status)
    assert(err:find "MISTRAL_API_KEY", err)
    assert(not err:find "wrong", err)
    server:stop()
  end)

  it("says what to install where argparse is missing", function()
    local _, status, err = tool.run(nil, "list", { LUA_PATH = process.output "pwd" .. "/lua/?.lua", LUA_CPATH = "" })
    assert.equal(2, status)
    assert(err:find("install lua-argparse", 1, true), err)
  end)

  describe("completes", function()
    local server

    setup(function() server = sandbox.start() end)
    teardown(function() server:stop() end)

    local function bash(words)
      local text = ([[eval "$(mwf completion bash)"; COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _mistral_workflows; echo "${COMPREPLY[@]}"]]):format(words)
      -- The first word is what is asked for names.
      local script = tool.shell_text(server, text):gsub("mwf%(%)", "function mwf")
      return process.output("bash -c " .. process.quote(script))
    end

    it("in bash", function()
      assert.equal("registrations reset resume-schedule restart-deployment", bash "mwf re")
      assert.equal("CANCELED", bash "mwf runs --status CAN")
      assert.equal("--status", bash "mwf --json runs --st")
      assert.equal("hello", bash "mwf run he")
      assert.equal("managed-ocr", bash "mwf --server x workers ma")
      assert.equal("bash zsh fish", bash "mwf completion ''")
    end)

    it("in fish", function()
      local script = process.output "mktemp"
      os.execute(tool.shell_text(server, "mwf completion fish >" .. script))
      local function fish(line)
        return process.output(("fish -c 'source %s; complete -C \"%s\"' | cut -f1 | tr '\\n' ' '"):format(script, line))
      end
      assert.equal("run runs ", fish "mistral-workflows ru")
      assert.equal("CANCELED ", fish "mwf runs --status CA")
      assert.equal("--workflow ", fish "mwf runs --wo")
      os.remove(script)
    end)

    it("in zsh", function()
      local directory = process.output "mktemp -d"
      local file = assert(io.open(directory .. "/.zshrc", "w"))
      file:write(("fpath=(%s $fpath); autoload -Uz compinit; compinit -u -d %s/dump; PS1='> '"):format(
        directory, directory))
      file:close()
      local session = terminal.start(server, { columns = 100, rows = 24 },
        ("PATH=$PWD/bin:$PATH; mistral-workflows completion zsh >%s/_mistral-workflows; ZDOTDIR=%s zsh -i"):format(
          directory, directory))
      session:await ">"
      for _, each in ipairs {
        { "mwf runs --status CAN", "CANCELED" }, { "mwf runs --work", "--workflow" }, { "mwf run he", "run hello" },
        { "mwf workers man", "managed-ocr" }, { "mwf completion f", "fish" }, { "mwf resta", "restart-deployment" },
      } do
        session:press(("C-u '%s' Tab"):format(each[1]))
        session:await(each[2]:gsub("%-", "%%-"))
      end
      session:stop()
      os.execute("rm -rf " .. directory)
    end)

    it("in zsh, all commands", function()
      local script = tool.run(server, "completion zsh")
      assert.equal("0", process.output("printf '%s' " .. process.quote(script) .. " | zsh -n; echo $?"))
      assert(script:find "^#compdef mistral%-workflows mwf\n")
      each_command(function(command)
        assert.equal(not command.hidden, script:find("'" .. command.name .. ":", 1, true) ~= nil)
      end)
    end)
  end)

  it("has a man page", function()
    local page = tool.run(nil, "manual")
    assert(page:find "^%.TH MISTRAL%-WORKFLOWS 1 ")
    each_command(function(command)
      if command.hidden then return end
      assert(page:find("\n.SS \\fB" .. command.name:gsub("%-", "\\-"), 1, true), command.name)
    end)
    for line in page:gmatch "[^\n]+" do assert(not line:find "^%.[^TSPRnf]", line) end
  end)

  it("is installed with completion and man page, and runs from there", function()
    local directory = process.output "mktemp -d"
    local make = "env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s LUA=" .. lua.name
    local output, status = lua.shell(("%s install PREFIX=/usr DESTDIR=%s"):format(make, directory), lua.variables())
    assert.equal(0, status, output)
    local find = [[cd %s/usr && find bin share \( -path share/lua -o -path share/doc \) -prune -o ! -type d -print]]
    local files = process.output(find:format(directory))
    local expected = {
      "bin/mistral-workflows", "bin/mwf",
      "share/bash-completion/completions/mistral-workflows", "share/bash-completion/completions/mwf",
      "share/fish/vendor_completions.d/mistral-workflows.fish", "share/fish/vendor_completions.d/mwf.fish",
      "share/man/man1/mistral-workflows.1", "share/man/man1/mwf.1", "share/zsh/site-functions/_mistral-workflows",
    }
    local found = tool.lines(files .. "\n")
    table.sort(found)
    assert.same(expected, found)
    output = process.output(("cd / && unset LUA_PATH LUA_CPATH; %s/usr/bin/mwf --version"):format(directory)) .. "\n"
    assert.equal(("mistral-workflows %s\n"):format(workflows._VERSION), output)
    os.execute("rm -rf " .. directory)
  end)
end)
