std = "min"
max_line_length = 120
exclude_files = { "build" }
files["sandbox/lua"] = { std = "ngx_lua" }
files["examples/nginx"] = { std = "ngx_lua" }
files["spec/**/*_spec.lua"] = { std = "min+busted" }
files["spec/browser/follow.lua"] = { std = "min+busted" }
