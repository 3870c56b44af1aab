/* Deployments, the workers in them, and the services that keep managed ones. */
#include "api/words.h"

const struct schema schema_location_type = {"LocationType", .values = VALUES("local", "k8s", "managed")};

static const struct schema location = {
	"Location", FIELDS({"location_type", STRING REQUIRED, &schema_location_type}, {"k8s_cluster", STRING NULLABLE},
			    {"k8s_namespace", STRING NULLABLE})};

static const struct schema backend_type = {"BackendType", .values = VALUES("koyeb", "kubernetes")};

static const struct schema backend_spec = {"BackendSpec",
	FIELDS({"type", STRING REQUIRED, &backend_type}, {"build_directory", STRING NULLABLE, NULL, "koyeb"},
		{"dockerfile_path", STRING NULLABLE, NULL, "koyeb"},
		{"entrypoint", STRING NULLABLE, NULL, "kubernetes"},
		{"working_dir", STRING NULLABLE, NULL, "kubernetes"})};

static const struct schema spec_options = {"DeploymentSpecOptions",
	FIELDS({"revision", STRING NULLABLE, NULL, "default main"},
		{"entrypoint", STRING NULLABLE, NULL, "deprecated: backend_spec"},
		{"working_dir", STRING NULLABLE, NULL, "deprecated: backend_spec"},
		{"backend_spec", OBJECT NULLABLE, &backend_spec, "not with entrypoint or working_dir"})};

static const struct schema spec = {"DeploymentSpec", FIELDS({"github_url", STRING REQUIRED}), .base = &spec_options};

static const struct schema spec_changes = {
	"DeploymentSpecChanges", FIELDS({"github_url", STRING NULLABLE}), .base = &spec_options};

static const struct schema resources = {"DeploymentResources",
	FIELDS({"replicas", INTEGER NULLABLE}, {"cpu_request", STRING NULLABLE}, {"cpu_limit", STRING NULLABLE},
		{"memory_request", STRING NULLABLE}, {"memory_limit", STRING NULLABLE})};

const struct schema schema_deployment_request = {"DeploymentRequest",
	FIELDS({"name", STRING REQUIRED, NULL, "letters, digits, - _ ."}, {"spec", OBJECT REQUIRED, &spec},
		{"resources", OBJECT NULLABLE, &resources}, {"hardened", BOOLEAN, NULL, "default false"})};

const struct schema schema_deployment_changes = {"DeploymentChanges",
	FIELDS({"spec", OBJECT NULLABLE, &spec_changes}, {"resources", OBJECT NULLABLE, &resources})};

/* ----- answers ----- */

static const struct schema commit_author = {"CommitAuthor",
	FIELDS({"name", STRING NULLABLE}, {"username", STRING NULLABLE}, {"html_url", STRING NULLABLE})};

static const struct schema commit = {
	"Commit", FIELDS({"sha", STRING REQUIRED}, {"message", STRING NULLABLE},
			  {"author", OBJECT NULLABLE, &commit_author}, {"html_url", STRING NULLABLE})};

static const struct schema managed_spec = {"ManagedSpec",
	FIELDS({"github_url", STRING REQUIRED}, {"type", STRING}, {"revision", STRING NULLABLE},
		{"entrypoint", STRING NULLABLE, NULL, "deprecated"},
		{"working_dir", STRING NULLABLE, NULL, "deprecated"}, {"backend_spec", OBJECT, &backend_spec},
		{"restarted_at", TIME NULLABLE}, {"commit_sha", STRING NULLABLE, NULL, "deprecated: commit"},
		{"commit", OBJECT NULLABLE, &commit})};

static const struct schema build_state = {"BuildState",
	FIELDS({"phase", STRING NULLABLE}, {"commit_sha", STRING NULLABLE}, {"image", STRING NULLABLE},
		{"message", STRING NULLABLE}, {"started_at", TIME NULLABLE}, {"finished_at", TIME NULLABLE})};

static const struct schema managed_status = {"ManagedStatus",
	FIELDS({"phase", STRING NULLABLE}, {"available_replicas", INTEGER}, {"ready_replicas", INTEGER},
		{"endpoint", STRING NULLABLE}, {"message", STRING NULLABLE}, {"last_seen", TIME NULLABLE},
		{"deployed_revision", STRING NULLABLE}, {"generation", INTEGER NULLABLE},
		{"build_state", OBJECT NULLABLE, &build_state})};

const struct schema schema_managed_deployment = {"ManagedDeployment",
	FIELDS({"service_id", STRING REQUIRED}, {"name", STRING REQUIRED}, {"spec", OBJECT REQUIRED, &managed_spec},
		{"resources", OBJECT REQUIRED, &resources}, {"status", OBJECT REQUIRED, &managed_status},
		{"created_at", TIME REQUIRED}, {"updated_at", TIME REQUIRED}, {"stopped", BOOLEAN},
		{"rollout_status", STRING NULLABLE}, {"created_by", STRING NULLABLE}, {"updated_by", STRING NULLABLE},
		{"deployed_by", STRING NULLABLE}, {"deployed_at", TIME NULLABLE}, {"is_hardened", BOOLEAN})};

static const struct schema worker = {
	"Worker", FIELDS({"name", STRING REQUIRED}, {"created_at", TIME REQUIRED}, {"updated_at", TIME REQUIRED},
			  {"is_active", BOOLEAN REQUIRED, NULL, "it was heard of lately"},
			  {"location", OBJECT NULLABLE, &location})};

static const struct schema deployment = {"Deployment",
	FIELDS({"id", STRING REQUIRED, NULL, "UUID"}, {"name", STRING REQUIRED},
		{"is_active", BOOLEAN REQUIRED, NULL, "at least one worker is"}, {"is_hardened", BOOLEAN},
		{"created_at", TIME REQUIRED}, {"updated_at", TIME REQUIRED}, {"location", OBJECT NULLABLE, &location},
		{"worker_count", INTEGER}, {"active_worker_count", INTEGER},
		{"locations", LIST STRING, &schema_location_type, "of its workers"},
		{"managed", OBJECT NULLABLE, &schema_managed_deployment, "null where the service does not keep it"},
		{"owner", STRING NULLABLE})};

const struct schema schema_deployment_detail = {
	"DeploymentDetail", FIELDS({"workers", LIST OBJECT REQUIRED, &worker}), .base = &deployment};

const struct schema schema_deployment_page = {
	"DeploymentPage", FIELDS({"deployments", LIST OBJECT REQUIRED, &deployment},
				  {"next_cursor", STRING REQUIRED NULLABLE, NULL, "null on the last page"},
				  {"workspace_id", STRING REQUIRED, NULL, "UUID"})};

const struct schema schema_worker_page = {
	"WorkerPage", FIELDS({"workers", LIST OBJECT REQUIRED, &worker},
			      {"next_cursor", STRING REQUIRED NULLABLE, NULL, "null on the last page"})};
