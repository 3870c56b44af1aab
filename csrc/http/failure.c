#include "http/failure.h"

#include <strings.h>

/* X509_V_ERR_* of OpenSSL, which CURLINFO_SSL_VERIFYRESULT hands through. */
#define VERIFY_UNKNOWN_ISSUER_FIRST 18 /* self-signed certificate */
#define VERIFY_UNKNOWN_ISSUER_LAST 21  /* unable to verify the first certificate */
#define NO_FREE_CONNECTION "no connection became free in time"
#define VERIFY_OK 0
#define VERIFY_NOT_RUN 1 /* libcurl's value until the chain was accepted; the name is compared before it says so */
#define VERIFY_NO_ISSUER 2
#define VERIFY_NOT_YET_VALID 9
#define VERIFY_EXPIRED 10

static const struct code_name {
	CURLcode code;
	const char *name;
} code_names[] = {
#define NAME(code)                                                                                                     \
	{                                                                                                              \
		code, #code                                                                                            \
	}
	NAME(CURLE_UNSUPPORTED_PROTOCOL),
	NAME(CURLE_FAILED_INIT),
	NAME(CURLE_URL_MALFORMAT),
	NAME(CURLE_COULDNT_RESOLVE_PROXY),
	NAME(CURLE_COULDNT_RESOLVE_HOST),
	NAME(CURLE_COULDNT_CONNECT),
	NAME(CURLE_WEIRD_SERVER_REPLY),
	NAME(CURLE_REMOTE_ACCESS_DENIED),
	NAME(CURLE_HTTP2),
	NAME(CURLE_PARTIAL_FILE),
	NAME(CURLE_WRITE_ERROR),
	NAME(CURLE_READ_ERROR),
	NAME(CURLE_OUT_OF_MEMORY),
	NAME(CURLE_OPERATION_TIMEDOUT),
	NAME(CURLE_SSL_CONNECT_ERROR),
	NAME(CURLE_ABORTED_BY_CALLBACK),
	NAME(CURLE_BAD_FUNCTION_ARGUMENT),
	NAME(CURLE_INTERFACE_FAILED),
	NAME(CURLE_GOT_NOTHING),
	NAME(CURLE_SSL_ENGINE_NOTFOUND),
	NAME(CURLE_SEND_ERROR),
	NAME(CURLE_RECV_ERROR),
	NAME(CURLE_SSL_CERTPROBLEM),
	NAME(CURLE_SSL_CIPHER),
	NAME(CURLE_PEER_FAILED_VERIFICATION),
	NAME(CURLE_BAD_CONTENT_ENCODING),
	NAME(CURLE_SEND_FAIL_REWIND),
	NAME(CURLE_SSL_CACERT_BADFILE),
	NAME(CURLE_SSL_SHUTDOWN_FAILED),
	NAME(CURLE_SSL_CRL_BADFILE),
	NAME(CURLE_SSL_ISSUER_ERROR),
	NAME(CURLE_CHUNK_FAILED),
	NAME(CURLE_NO_CONNECTION_AVAILABLE),
	NAME(CURLE_SSL_PINNEDPUBKEYNOTMATCH),
	NAME(CURLE_HTTP2_STREAM),
	NAME(CURLE_AUTH_ERROR),
	NAME(CURLE_PROXY),
	NAME(CURLE_SSL_CLIENTCERT),
#undef NAME
};

static const char *name_of(CURLcode code)
{
	for (size_t i = 0; i < sizeof code_names / sizeof *code_names; i++)
		if (code_names[i].code == code)
			return code_names[i].name;
	return "CURLE_OTHER";
}

static const char *verify_reason(long result)
{
	if (result == VERIFY_EXPIRED)
		return "expired";
	if (result == VERIFY_NOT_YET_VALID)
		return "not yet valid";
	if (result == VERIFY_NO_ISSUER ||
		(result >= VERIFY_UNKNOWN_ISSUER_FIRST && result <= VERIFY_UNKNOWN_ISSUER_LAST))
		return "unknown issuer";
	return result == VERIFY_OK || result == VERIFY_NOT_RUN ? "wrong host" : "not verified";
}

/* Is it the certificate of the proxy that was not accepted? The server's is looked at after that. */
static bool is_about_proxy(const struct transfer *transfer)
{
	return transfer->proxy_verify_result != VERIFY_OK;
}

/* Why no connection will be made as things are, or NULL. */
static const char *lasting_reason(const struct transfer *transfer)
{
	if (transfer->no_descriptors)
		return "descriptors";
	switch (transfer->code) {
	case CURLE_PEER_FAILED_VERIFICATION:
		return verify_reason(
			is_about_proxy(transfer) ? transfer->proxy_verify_result : transfer->verify_result);
	case CURLE_SSL_CACERT_BADFILE:
		return "trust store";
	case CURLE_SSL_CERTPROBLEM:
		return "client certificate";
	default:
		return transfer->proxy_status == 407 ? "proxy credentials" : NULL;
	}
}

/* The connection was never ready for the request. A connection that was reused is ready from the start. */
static bool before_request(const struct transfer *transfer)
{
	if (transfer->fed)
		return transfer->code == CURLE_COULDNT_CONNECT && transfer->head.bytes == 0;
	return !transfer_was_sent(transfer);
}

/*
** On a connection that was new, libcurl wants to send a request again in one case
** only: the server refused its stream, which says that it has not acted upon it.
** Of a body that cannot be rewound this is the code then.
*/
static bool was_refused(const struct transfer *transfer)
{
	return transfer->alone && transfer->code == CURLE_SEND_FAIL_REWIND && transfer->head.bytes == 0;
}

static struct failure with_cause(struct failure failure, CURLcode code, const char *message)
{
	failure.code = code;
	failure.name = name_of(code);
	failure.message = message;
	return failure;
}

/* A body that is packed as nobody has asked for. One that breaks off in a packing that was asked for is cut or damaged.
 */
static bool is_packed_otherwise(const struct transfer *transfer)
{
	const char *encoding = transfer->head.content_encoding;
	return transfer->code == CURLE_BAD_CONTENT_ENCODING && strcasecmp(encoding, "gzip") != 0 &&
	       strcasecmp(encoding, "x-gzip") != 0;
}

/* Whose certificate it is, or what a port may speak that libcurl does not understand. */
static const char *hint_of(const struct transfer *transfer)
{
	bool nothing_came = transfer->head.bytes == 0 && transfer->timings.new_connections > 0;
	switch (transfer->code) {
	case CURLE_PEER_FAILED_VERIFICATION:
		return is_about_proxy(transfer) ? "proxy" : NULL;
	case CURLE_SSL_CONNECT_ERROR:
		return "plain http";
	case CURLE_UNSUPPORTED_PROTOCOL: /* bytes that are no HTTP */
	case CURLE_WEIRD_SERVER_REPLY:
		return "tls";
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
		return nothing_came ? "nothing" : NULL;
	default:
		return NULL;
	}
}

/* What libcurl says, or what is the matter where it is mistaken. */
static const char *text_of(const struct transfer *transfer)
{
	bool unresolved = transfer->timings.dns <= 0 && before_request(transfer);
	if (transfer->no_descriptors)
		return "too many open files";
	if (transfer->code == CURLE_OPERATION_TIMEDOUT && unresolved && !transfer->left_queue)
		return NO_FREE_CONNECTION;
	return transfer->error_text[0] != '\0' ? transfer->error_text : curl_easy_strerror(transfer->code);
}

static struct failure curl_failure(const struct transfer *transfer)
{
	bool unsent = before_request(transfer);
	struct failure failure = {.unsent = unsent, .hint = hint_of(transfer)};
	if (was_refused(transfer))
		return with_cause((struct failure){.kind = "network", .hint = "refused", .unsent = true},
			transfer->code, text_of(transfer));
	if (is_packed_otherwise(transfer)) {
		bool success = transfer->head.status < 300;
		return (struct failure){.kind = success ? "decode" : "http", .reason = "content encoding"};
	}
	if (transfer->code == CURLE_OPERATION_TIMEDOUT) {
		failure.kind = "timeout";
		failure.phase = unsent ? "connect" : "response";
	} else if (unsent) {
		failure.kind = "connect";
		failure.reason = lasting_reason(transfer);
		failure.is_about_trust =
			transfer->code == CURLE_PEER_FAILED_VERIFICATION || transfer->code == CURLE_SSL_CACERT_BADFILE;
	} else {
		failure.kind = "network";
	}
	return with_cause(failure, transfer->code, text_of(transfer));
}

static struct failure expired(const struct transfer *transfer)
{
	bool unsent = before_request(transfer);
	return with_cause(
		(struct failure){.kind = "timeout", .phase = unsent ? "connect" : "response", .unsent = unsent},
		CURLE_OPERATION_TIMEDOUT, unsent ? NO_FREE_CONNECTION : "no answer in time");
}

struct failure failure_of(const struct transfer *transfer)
{
	switch (transfer->end) {
	case TRANSFER_BODY_TOO_LARGE:
		return (struct failure){.kind = "too_large", .reason = "body", .limit = transfer->body_limit};
	case TRANSFER_EVENT_TOO_LARGE:
		return (struct failure){.kind = "too_large", .reason = "event", .limit = transfer->body_limit};
	case TRANSFER_HEADER_TOO_LARGE:
		return (struct failure){.kind = "too_large", .reason = "header", .limit = HEAD_MAX_BYTES};
	case TRANSFER_OUT_OF_MEMORY:
		return with_cause((struct failure){.kind = "network"}, CURLE_OUT_OF_MEMORY, "Out of memory");
	case TRANSFER_BODY_CUT:
		return with_cause((struct failure){.kind = "network"}, CURLE_PARTIAL_FILE,
			"the connection closed in the middle of the body");
	case TRANSFER_VALUE_TOO_LARGE:
		return (struct failure){.kind = "too_large", .reason = "value", .limit = transfer->body_limit};
	case TRANSFER_NOT_EVENTS:
		return (struct failure){.kind = "decode",
			.reason = head_is_packed(&transfer->head) ? "content encoding" : "content type"};
	case TRANSFER_NOT_JSON:
		return (struct failure){.kind = "decode"};
	case TRANSFER_EXPIRED:
		return expired(transfer);
	case TRANSFER_CANCELLED:
		return (struct failure){.kind = "cancelled", .unsent = before_request(transfer)};
	case TRANSFER_FORKED:
		return (struct failure){.kind = "cancelled", .reason = "fork"};
	case TRANSFER_ERROR_BODY_CUT:
		return (struct failure){.kind = "http"};
	case TRANSFER_AS_CURL_SAYS:
		break;
	}
	if (transfer->code != CURLE_OK)
		return curl_failure(transfer);
	return (struct failure){.kind = "http"};
}
