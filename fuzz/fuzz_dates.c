/*
** Dates: the input as a date-time of a body, and its two halves as the
** Retry-After and the Date of an answer.
*/
#include "base/rfc3339.h"
#include "http/head.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define NOW 1700000000
#define LONGEST 512

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length);

static void check_date_time(const char *text, size_t length)
{
	double seconds = NAN, again = NAN;
	char written[RFC3339_SIZE];
	if (rfc3339_parse(text, length, &seconds) != NULL)
		return;
	assert(isfinite(seconds));
	if (!rfc3339_format(seconds, written)) /* the zone may have moved it out of the years that can be written */
		return;
	assert(strlen(written) < sizeof written);
	assert(rfc3339_parse(written, strlen(written), &again) == NULL);
	assert(fabs(again - seconds) < 1e-5 + fabs(seconds) * DBL_EPSILON);
}

static void add_field(struct head *head, const char *name, const char *value, size_t length)
{
	char line[LONGEST + 32];
	int size = snprintf(line, sizeof line, "%s: %.*s\r\n", name, (int)length, value);
	head_line(head, line, (size_t)size);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
	const char *text = (const char *)input;
	if (length > LONGEST)
		return 0;
	check_date_time(text, length);
	struct head head = {0};
	head_line(&head, "HTTP/1.1 503 \r\n", 15);
	add_field(&head, "Retry-After", text, length / 2);
	add_field(&head, "Date", text + length / 2, length - length / 2);
	double seconds = head_retry_after(&head, NOW);
	assert(seconds == -1 || (isfinite(seconds) && seconds >= 0));
	return 0;
}
