#include "http/url.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

static struct url_value value_of(const char *text)
{
	return (struct url_value){text, strlen(text)};
}

static void assert_text(struct buffer *buffer, const char *expected)
{
	assert_int_equal(buffer_terminate(buffer), BUFFER_OK);
	assert_string_equal(buffer->data, expected);
}

static void test_every_byte_is_encoded_unless_unreserved(void **state)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	(void)state;
	for (int c = 0; c < 256; c++) {
		struct buffer out = {.limit = 10};
		char byte = (char)c, expected[4];
		if (c != 0 && strchr(unreserved, c) != NULL)
			snprintf(expected, sizeof expected, "%c", c);
		else
			snprintf(expected, sizeof expected, "%%%02X", (unsigned)c);
		assert_int_equal(url_append_encoded(&out, (struct url_value){&byte, 1}), BUFFER_OK);
		assert_text(&out, expected);
		buffer_free(&out);
	}
}

static void test_runs_of_bytes_stay_in_order(void **state)
{
	struct buffer out = {.limit = 1000};
	(void)state;
	url_append_encoded(&out, value_of("a b/c%d?e#f\xC3\xA9"));
	url_append_encoded(&out, value_of(""));
	url_append_encoded(&out, (struct url_value){"x\0y", 3});
	assert_text(&out, "a%20b%2Fc%25d%3Fe%23f%C3%A9x%00y");
	buffer_free(&out);
}

static void test_path_takes_values_in_order(void **state)
{
	struct buffer out = {.limit = 1000};
	const struct url_value values[] = {value_of("a/b"), value_of("..c")};
	(void)state;
	assert_int_equal(url_path_values("/v1/workflows"), 0);
	assert_int_equal(url_path_values("/v1/{one}/x/{two}"), 2);
	assert_int_equal(url_append_path(&out, "/v1/{one}/x/{two}/end", values), BUFFER_OK);
	assert_text(&out, "/v1/a%2Fb/x/..c/end");
	buffer_reset(&out, 1000);
	assert_int_equal(url_append_path(&out, "/v1/plain", NULL), BUFFER_OK);
	assert_text(&out, "/v1/plain");
	buffer_free(&out);
}

static void test_target_is_what_follows_the_host(void **state)
{
	(void)state;
	assert_string_equal(url_target("https://api.mistral.ai/v1/a%2Fb?c=http://d/"), "/v1/a%2Fb?c=http://d/");
	assert_string_equal(url_target("http://127.0.0.1:80/prefix/v1"), "/prefix/v1");
	assert_string_equal(url_target("https://host"), "");
}

static void test_query_begins_with_a_question_mark(void **state)
{
	struct buffer out = {.limit = 1000};
	(void)state;
	buffer_append_text(&out, "https://host/path");
	url_append_query(&out, "a", value_of("1"));
	url_append_query(&out, "b c", value_of("x&y=z"));
	url_append_query(&out, "empty", value_of(""));
	assert_text(&out, "https://host/path?a=1&b%20c=x%26y%3Dz&empty=");
	buffer_free(&out);
}

static void test_loopback(void **state)
{
	static const char *const loopback[] = {
		"https://localhost/x", "http://127.9.9.9:1", "https://[::1]", "http://a.localhost."};
	static const char *const elsewhere[] = {"https://api.mistral.ai", "http://128.0.0.1",
		"https://localhost.example", "http://[fe80::1%25lo]", "http://notlocalhost", "http://", "",
		"http://127.0.0.1.example.com", "http://[localhost]", "http://[]", "http://[127.0.0.1]"};
	char longer[300] = "http://127.0.0.1";
	(void)state;
	for (size_t i = 0; i < COUNT(loopback); i++)
		assert_true(url_is_loopback(loopback[i]));
	for (size_t i = 0; i < COUNT(elsewhere); i++)
		assert_false(url_is_loopback(elsewhere[i]));
	memset(longer + strlen(longer), '1', sizeof longer - 1 - strlen(longer));
	assert_false(url_is_loopback(longer));
}

static void test_limit_ends_every_function(void **state)
{
	(void)state;
	for (size_t limit = 0; limit < 20; limit++) {
		struct buffer out = {.limit = limit};
		enum buffer_status status = url_append_path(&out, "/v/{x}/y", (struct url_value[]){value_of("a b c")});
		const size_t needed = strlen("/v/a%20b%20c/y");
		assert_int_equal(status, limit < needed ? BUFFER_FULL : BUFFER_OK);
		assert_true(out.length <= limit);
		buffer_free(&out);
	}
}

#define CHARACTERS "must not hold spaces or control characters"
#define SCHEME "must begin with https:// (or http:// for a loopback host)"
#define QUERY "must not hold a query or fragment"
#define USER "must not hold a user name or password"
#define NO_URL "is not a URL like https://api.mistral.ai"
#define ADDRESS "names a host that is neither a name nor a whole IP address"

static void test_servers(void **state)
{
	static const char *const good[] = {"https://api.mistral.ai", "https://api.mistral.ai/", "https://h:8443/a/b",
		"HTTPS://H", "http://localhost", "http://localhost:1", "http://x.localhost", "http://127.0.0.1:1",
		"http://127.1.2.3", "http://[::1]:1/", "http://LOCALHOST:1", "http://localhost.", "http://x.LocalHost",
		"http://[::ffff:127.0.0.1]", "http://[0:0:0:0:0:0:0:1]", "https://1.2.3.4:5", "https://1x",
		"https://h.0xg", "https://h.0a1f", "https://h.x1", "https://h/%41", "https://[fe80::1%25lo]",
		"https://255.255.255.255"};
	static const char *const unencrypted[] = {"http://api.mistral.ai", "http://10.0.0.1", "http://127.0.0.1.x.y",
		"http://127.0.0.1x", "http://localhost.x", "http://notlocalhost", "http://[::2]", "http://0.0.0.0",
		"http://[::ffff:10.0.0.1]", "http://localhost.x", "http://xlocalhost", "http://localhost.x.",
		"http://[::127.0.0.1]"};
	static const struct {
		const char *server, *problem;
	} bad[] = {{"", SCHEME}, {"api.mistral.ai", SCHEME}, {"ftp://h", SCHEME}, {"//h", SCHEME},
		{"http:/host", SCHEME}, {"https:/host", SCHEME}, {"https:host", SCHEME}, {"https://h /", CHARACTERS},
		{"https://h\n", CHARACTERS}, {"https://h\x1f", CHARACTERS}, {"https://h\x7f", CHARACTERS},
		{" https://h", CHARACTERS}, {"https://h?a", QUERY}, {"https://h/#x", QUERY}, {"http://h/a#", QUERY},
		{"http://h/a?", QUERY}, {"https://u@h", USER}, {"https://u:p@h", USER}, {"https://:p@h", USER},
		{"http://localhost@evil", USER}, {"http://localhost:80@evil", USER}, {"https://", NO_URL},
		{"http:///host", NO_URL}, {"https:////h", NO_URL}, {"https://a%2eb", NO_URL},
		{"http://evil%2ecom%23.localhost", NO_URL}, {"http://:80", NO_URL}, {"http://[::1", NO_URL},
		{"http://evil.com\\.localhost", NO_URL}, {"https://h:65536", NO_URL}, {"http://127.", ADDRESS},
		{"http://127.999", ADDRESS}, {"http://127.1", ADDRESS}, {"http://127.0.0.1.", ADDRESS},
		{"http://0x7f.1", ADDRESS}, {"http://2130706433", ADDRESS}, {"https://1.2.3", ADDRESS},
		{"https://1.2.3.4.5", ADDRESS}, {"https://256.1.1.1", ADDRESS}, {"https://x.0x1F", ADDRESS},
		{"https://h.0x", ADDRESS}, {"https://h.0x1.", ADDRESS}, {"https://255.255.255.2555", ADDRESS}};
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (url_check_server(good[i], false) != NULL)
			fail_msg("%s: %s", good[i], url_check_server(good[i], false));
	for (size_t i = 0; i < COUNT(unencrypted); i++) {
		const char *problem = url_check_server(unencrypted[i], false);
		assert_non_null(problem);
		assert_string_equal(
			problem, "would send the API key unencrypted; use https://, or set allow_insecure_http = true");
		assert_null(url_check_server(unencrypted[i], true));
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		print_message("# %s\n", bad[i].server);
		assert_non_null(url_check_server(bad[i].server, true));
		assert_string_equal(url_check_server(bad[i].server, true), bad[i].problem);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte_is_encoded_unless_unreserved),
		cmocka_unit_test(test_runs_of_bytes_stay_in_order),
		cmocka_unit_test(test_path_takes_values_in_order),
		cmocka_unit_test(test_target_is_what_follows_the_host),
		cmocka_unit_test(test_query_begins_with_a_question_mark),
		cmocka_unit_test(test_limit_ends_every_function),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_servers),
	};
	return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
