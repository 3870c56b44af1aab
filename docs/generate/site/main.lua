--- Renders the manual as a static site with a search: pages of docs/, README.md and what they link to in the project.
--
--     lua docs/generate/site/main.lua DIRECTORY
--
-- `make docs-html` calls it. Markdown becomes HTML by cmark-gfm (Debian's package of that name). The order of the pages
-- is that of docs/README.md.

local here = arg[0]:match "^(.*)main%.lua$"
local root = here .. "../../../"
local target = assert(arg[1], "name a directory") .. "/"

package.path = root .. "lua/?.lua;" .. root .. "lua/?/init.lua;" .. package.path
local encode = require("mistral.workflows").json.encode

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function write(name, text)
  local file = assert(io.open(target .. name, "wb"))
  assert(file:write(text))
  file:close()
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function run(command)
  local ok, _, status = os.execute(command)
  assert(ok == true or ok == 0, ("%s: exit status %s"):format(command, tostring(status or ok)))
end

local function to_html(path)
  local pipe = assert(io.popen("cmark-gfm --unsafe --extension table --extension autolink " .. quote(path)))
  local html = pipe:read "*a"
  pipe:close()
  assert(html ~= "", "cmark-gfm gives nothing for " .. path .. ": install Debian's cmark-gfm")
  return html
end

-- The pages: { path in the project, name of the HTML file }.
local pages, names = {}, {}

local function add(path)
  if names[path] then return end
  local name = path == "README.md" and "index.html"
    or path == "docs/README.md" and "manual.html"
    or (path:gsub("^docs/", ""):gsub("/README%.md$", ".html"):gsub("%.md$", ".html"):gsub("/", "-"):lower())
  names[path] = name
  pages[#pages + 1] = { path = path, name = name }
end

add "README.md"
add "docs/README.md"
for page in read(root .. "docs/README.md"):gmatch "%]%(([%w-]+%.md)%)" do add("docs/" .. page) end
for _, path in ipairs { "sandbox/README.md", "examples/nginx/README.md", "CONTRIBUTING.md", "CHANGELOG.md" } do
  add(path)
end

local entities = { ["&lt;"] = "<", ["&gt;"] = ">", ["&quot;"] = '"', ["&#39;"] = "'", ["&amp;"] = "&" }

local function plain(html)
  return (html:gsub("<[^<>]*>", " "):gsub("&#?%w+;", entities):gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

-- As the links of the pages are written.
local function anchor(title)
  return (title:lower():gsub("[^%w _-]", ""):gsub(" ", "-"))
end

-- A path relative to the file `from`, without "..".
local function resolve(from, link)
  local parts = {}
  for part in ((from:match "^(.*/)" or "") .. link):gmatch "[^/]+" do
    if part == ".." then parts[#parts] = nil elseif part ~= "." then parts[#parts + 1] = part end
  end
  return table.concat(parts, "/")
end

local copied = {}

local function link_of(page, link)
  if link:find "^%a+:" or link:find "^#" then return link end
  local path, place = link:match "^([^#]*)(.*)$"
  path = resolve(page.path, path)
  if names[path] then return names[path] .. place end
  local file = path:gsub("/", "-")
  local folder = io.open(root .. path .. "/.", "rb")
  if folder then
    folder:close()
    return "manual.html"
  end
  if not copied[path] then
    write(file, read(root .. path))
    copied[path] = true
  end
  return file
end

local function finish(page)
  local html = to_html(root .. page.path)
  for _, name in ipairs { "href", "src" } do
    html = html:gsub(name .. '="([^"]*)"', function(link) return ('%s="%s"'):format(name, link_of(page, link)) end)
  end
  html = html:gsub("<h(%d)>(.-)</h%d>", function(level, title)
    return ('<h%s id="%s">%s</h%s>'):format(level, anchor(plain(title):gsub(" ([,.:;?!)])", "%1")), title, level)
  end)
  html = html:gsub("<table>(.-)</table>", '<div class="wide"><table>%1</table></div>')
  page.html = html
  page.title = plain(html:match "<h1[^>]*>(.-)</h1>" or page.path)
end

-- Adds the pieces of a page that can be found: { page, anchor, title, text }.
local function add_sections(list, page)
  local html = page.html
  local from = 1
  while true do
    local first, last, id, title = html:find('<h%d id="([^"]*)">(.-)</h%d>', from)
    if not first then break end
    local after = html:find('<h%d id="', last + 1) or #html + 1
    list[#list + 1] = { page.name, id, plain(title), plain(html:sub(last + 1, after - 1)) }
    from = last + 1
  end
end

local function navigation(current)
  local items = {}
  for _, page in ipairs(pages) do
    items[#items + 1] = ('<li><a%s href="%s">%s</a></li>'):format(
      page == current and ' aria-current="page"' or "", page.name, page.title)
  end
  return table.concat(items, "\n")
end

run("mkdir -p " .. quote(target))
for _, page in ipairs(pages) do finish(page) end
local index = {}
for _, page in ipairs(pages) do add_sections(index, page) end
local template = read(here .. "page.html")
for _, page in ipairs(pages) do
  local parts = { title = page.title, navigation = navigation(page), content = page.html }
  write(page.name, (template:gsub("{{(%w+)}}", parts)))
end
write("index.js", "const INDEX = " .. encode(index) .. ";\n")
for _, name in ipairs { "style.css", "search.js" } do write(name, read(here .. name)) end
print(("%d pages in %s"):format(#pages, target))
