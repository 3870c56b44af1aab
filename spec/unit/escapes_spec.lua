-- Texts without their escapes, and where what is left was.

local escapes = require "mistral.workflows.escapes"

describe("a text without its escapes", function()
  local function check(kind, cases)
    for text, expected in pairs(cases) do
      assert.equal(expected, (escapes.removed(text, kind)) or text, text)
    end
  end

  it("of percent-encoding", function()
    check("%", {
      ["a%2Fb%2fc"] = "a/b/c", ["%25"] = "%", ["%2525"] = "%25", ["%C3%a9"] = "é", ["%00"] = "\0", ["%41"] = "A",
      ["%"] = "%", ["%4"] = "%4", ["%4g%zz%%41"] = "%4g%zz%A", ["100%"] = "100%", ["&amp;\\n"] = "&amp;\\n",
    })
  end)

  it("of JSON and JavaScript", function()
    check("\\", {
      ["a\\/b"] = "a/b", ['\\"\\\\'] = '"\\', ["\\u0041\\u00e9\\u20AC"] = "Aé€", ["\\ud83d\\ude00"] = "😀",
      ["\\x41"] = "A", ["\\n\\t\\r\\b\\f"] = "\n\t\r\b\f", ["\\u004"] = "\\u004", ["\\q"] = "\\q", ["\\"] = "\\",
      ["\\\\u0041"] = "\\u0041", ["%41&amp;"] = "%41&amp;", ["\\ud83dx"] = "\237\160\189x",
    })
  end)

  it("of HTML", function()
    check("&", {
      ["&lt;&gt;&amp;&quot;&apos;&sol;"] = "<>&\"'/", ["&#65;&#x41;&#X2f;"] = "AA/", ["&#233;&#8364;&#128512;"] = "é€😀",
      ["&#65&#66x&#x43&#x44;"] = "ABxCD", ["&#0000065;&#x000041z"] = "AAz", ["&#65"] = "&#65",
      ["&amp;lt;"] = "&lt;", ["&unknown;&;&#;&#x;&#9999999;"] = "&unknown;&;&#;&#x;&#9999999;", ["&amp"] = "&amp",
      ["a & b"] = "a & b", ["%41\\n"] = "%41\\n",
    })
  end)

  it("of HTML knows what a key, a URL or a text in JSON may be written with", function()
    for text, expected in pairs {
      ["&amp;&lt;&gt;&quot;&apos;"] = "&<>\"'", ["&sol;&bsol;&plus;&equals;&period;"] = "/\\+=.",
      ["&comma;&colon;&semi;&lowbar;&hyphen;&dash;"] = ",:;_--", ["&excl;&quest;&num;&dollar;&percnt;"] = "!?#$%",
      ["&lpar;&rpar;&lsqb;&lbrack;&rsqb;&rbrack;"] = "()[[]]", ["&lcub;&lbrace;&rcub;&rbrace;"] = "{{}}",
      ["&ast;&midast;&commat;&Hat;&grave;"] = "**@^`", ["&verbar;&vert;&Tab;&NewLine;"] = "||\t\n",
    } do
      assert.equal(expected, (escapes.removed(text, "&")))
    end
  end)

  it("comes with the places where it was", function()
    local plain, place = escapes.removed("ab%2Fc%C3%A9d", "%")
    assert.equal("ab/céd", plain)
    local places = {}
    for position = 1, #plain do places[position] = { place(position) } end
    assert.same({ { 1, 1 }, { 2, 2 }, { 3, 5 }, { 6, 6 }, { 7, 9 }, { 10, 12 }, { 13, 13 } }, places)
    plain, place = escapes.removed("&#8364;x", "&")
    assert.equal("€x", plain)
    assert.same({ 1, 7 }, { place(2) })
    assert.same({ 8, 8 }, { place(4) })
  end)

  it("may have been cut off in one", function()
    for kind, cases in pairs {
      ["%"] = { ["abc%"] = 3, ["a%41c%4"] = 5, ["abc%4x"] = false, ["abc%41"] = false },
      ["\\"] = { ["abc\\"] = 3, ["abc\\u"] = 3, ["abc\\u00e"] = 3, ["abc\\ud83d\\ude0"] = 9, ["abc\\q"] = false },
      ["&"] = { ["abc&"] = 3, ["abc&#"] = 3, ["abc&#x41"] = 3, ["abc&am"] = 3, ["abc&#x1F600"] = 3, ["abc&-"] = false,
        ["a&#65&#6"] = 5, ["abc&#65;"] = false, ["abc&#65x"] = false },
    } do
      for text, expected in pairs(cases) do
        local _, _, cut = escapes.removed(text, kind)
        assert.equal(expected or nil, cut, text)
      end
    end
  end)
end)
