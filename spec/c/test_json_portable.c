/* The tests of json_scan once more, with the code for machines without SSE2. The names are changed because the other
** build of json_scan is linked, too. */
#define JSON_SCAN_PORTABLE
#define json_scan portable_scan
#define json_scan_free portable_scan_free

#include "json/scan.c"

#include "test_json_scan.c"
