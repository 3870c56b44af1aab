#compdef mistral-workflows mwf
# Completion of mistral-workflows for zsh. Made by `mistral-workflows completion zsh`.
_mistral_workflows_names() {
  local -a names=(${(f)"$($service names $1 2>/dev/null)"})
  compadd -a names
}
_mistral_workflows() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C \
    '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
    '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
    '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
    '--fields[Print only these members.]:A,B.C:' \
    '--utc[Show times in UTC instead of local time.]' \
    '-v[Show each request on standard error.]' \
    '--verbose[Show each request on standard error.]' \
    '1:command:->command' '*::argument:->argument'
  case $state in
  command)
    local -a commands=(
      'list:List the workflows of the workspace.'
      'show:Show a workflow with its input, result, signals, queries and updates.'
      'registrations:List registrations\: the definitions that workers have announced.'
      'archive:Archive workflows.'
      'unarchive:Take workflows out of the archive.'
      'update:Change the display name, description, tags or visibility of a workflow.'
      'run:Start a workflow, wait for its end, and print its result.'
      'start:Start a workflow and print the id of the execution.'
      'wait:Wait for executions, and print their results as they come.'
      'follow:Show the events of executions as they happen, until they end.'
      'logs:Show the log records of an execution.'
      'runs:List runs of workflows, the newest first.'
      'get:Show the state and result of an execution.'
      'history:Show the workflow engine'\''s history of an execution.'
      'trace:Show the span tree of an execution on a common time axis.'
      'metrics:Show counts, latency and retries of a workflow.'
      'signal:Send a signal to a running execution.'
      'query:Ask a running execution, and print its answer.'
      'update-execution:Change a running execution, and print its answer.'
      'inputs:Show the inputs that an execution waits for, or all executions.'
      'answer:Give an execution an input that it waits for.'
      'cancel:Ask executions to stop.'
      'terminate:Stop executions at once.'
      'reset:Set an execution back to an earlier event of its history.'
      'batch:Run a workflow for many inputs, and print each result.'
      'schedules:List schedules and when they run next.'
      'schedule:Run a workflow at certain times, and show the next five.'
      'pause-schedule:Pause a schedule.'
      'resume-schedule:Resume a paused schedule.'
      'trigger-schedule:Run the workflow of a schedule now.'
      'delete-schedule:Delete a schedule.'
      'deployments:List the deployments that serve workflows.'
      'workers:List the workers of a deployment.'
      'deployment-logs:Show the log records of a deployment.'
      'start-deployment:Start a managed deployment.'
      'stop-deployment:Stop a managed deployment.'
      'restart-deployment:Restart a managed deployment.'
      'types:Write LuaCATS types of the workspace'\''s own workflows.'
      'sandbox:Start a local service to try things on, and print what to export.'
      'whoami:Show what the key belongs to.'
      'completion:Print the completion script for a shell.'
    )
    _describe command commands ;;
  argument)
    case $words[1] in
    list) _arguments \
      '--search[Only those whose name has this in it.]:TEXT:' \
      '*--tag[Only those with this tag; may be repeated.]:TAG:' \
      '*--deployment[Only those of this deployment; may be repeated.]:NAME:{_mistral_workflows_names deployments}' \
      '--active[Only those that a worker serves.]' \
      '--archived[Only the archived ones.]' \
      '--all[The archived ones too.]' \
      '--limit[Stop after so many.]:N:' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' ;;
    show) _arguments \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:workflow:{_mistral_workflows_names workflows}' ;;
    registrations) _arguments \
      '--workflow[Only those of this workflow.]:NAME:{_mistral_workflows_names workflows}' \
      '--search[Only those whose workflow'\''s name has this in it.]:TEXT:' \
      '--active[Only those that a worker serves.]' \
      '--limit[Stop after so many.]:N:' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' ;;
    archive) _arguments \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:workflow:{_mistral_workflows_names workflows}' ;;
    unarchive) _arguments \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:workflow:{_mistral_workflows_names workflows}' ;;
    update) _arguments \
      '--display-name[The name that people see.]:TEXT:' \
      '--description[What it does.]:TEXT:' \
      '*--tag[The tags it has from now on; may be repeated.]:TAG:' \
      '--no-tags[Take all tags away.]' \
      '--chat-assistant[Available there?]:yes|no:(yes no)' \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:workflow:{_mistral_workflows_names workflows}' ;;
    run) _arguments \
      '--input[The input as a whole.]:JSON|@FILE|-:_files' \
      '--id[The id of the execution\: A-Z a-z 0-9 _ -, up to 256.]:ID:' \
      '--join[With --id\: wait for the execution of that id where there is one already.]' \
      '--timeout[Wait at most so long (30s, 10m, 2h); the execution goes on.]:TIME:' \
      '--on-timeout[What happens to the execution when --timeout is over; leave is the default.]:leave|cancel:(leave cancel)' \
      '--deployment[Where it runs, when several deployments have this workflow.]:NAME:{_mistral_workflows_names deployments}' \
      '--stream[Show the text of this event stream as it grows.]:NAME:' \
      '--on-interrupt[What Ctrl-C does to the execution; leave is the default. Twice ends at once.]:leave|cancel:(leave cancel)' \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:workflow:{_mistral_workflows_names workflows}' ;;
    start) _arguments \
      '--input[The input as a whole.]:JSON|@FILE|-:_files' \
      '--id[The id of the execution\: A-Z a-z 0-9 _ -, up to 256.]:ID:' \
      '--deployment[Where it runs, when several deployments have this workflow.]:NAME:{_mistral_workflows_names deployments}' \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:workflow:{_mistral_workflows_names workflows}' ;;
    wait) _arguments \
      '--timeout[Wait at most so long (30s, 10m, 2h); the execution goes on.]:TIME:' \
      '--stream[Show the text of this event stream as it grows.]:NAME:' \
      '--on-interrupt[What Ctrl-C does to the execution; leave is the default. Twice ends at once.]:leave|cancel:(leave cancel)' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:execution:' ;;
    follow) _arguments \
      '--live[Begin with what happens now.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:execution:' ;;
    logs) _arguments \
      '--activity[Only those of this activity.]:ID:' \
      '--run[Only those of this run of the execution.]:ID:' \
      '-f[Go on with what comes.]' \
      '--follow[Go on with what comes.]' \
      '--since[Only what came since\: 10m, 24h, 2026-01-31T08\:00\:00Z.]:TIME:' \
      '--before[Only what came before.]:TIME:' \
      '--newest[The newest first.]' \
      '--limit[Stop after so many.]:N:' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:execution:' ;;
    runs) _arguments \
      '*--status[Only those with one of these statuses.]:STATUS:(RUNNING COMPLETED FAILED CANCELED TERMINATED CONTINUED_AS_NEW TIMED_OUT RETRYING_AFTER_ERROR)' \
      '--workflow[Only those of this workflow.]:NAME:{_mistral_workflows_names workflows}' \
      '--since[Only those that started since\: 24h, 7d, 2026-01-31T08\:00\:00Z.]:TIME:' \
      '--before[Only those that started before.]:TIME:' \
      '--search[Only those with this in their names or ids.]:TEXT:' \
      '*--tag[Only those of workflows with all these tags.]:TAG:' \
      '--deployment[Only those of this deployment.]:NAME:{_mistral_workflows_names deployments}' \
      '--root[Only those of this execution and its children.]:ID:' \
      '--mine[Only those that the key'\''s user has started.]' \
      '--internal[The service'\''s own workflows too.]' \
      '-w[Go on\: the newest 200 in a table that is drawn again every 2 seconds; where the output is no terminal, a line for each change.]' \
      '--watch[Go on\: the newest 200 in a table that is drawn again every 2 seconds; where the output is no terminal, a line for each change.]' \
      '--limit[Stop after so many.]:N:' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' ;;
    get) _arguments \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:execution:' ;;
    history) _arguments \
      '--encoded[Leave payloads as they are stored.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:execution:' ;;
    trace) _arguments \
      '--svg[Write it as a picture instead; - for standard output.]:FILE:_files' \
      '--children[With the traces of the executions that it started.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:execution:' ;;
    metrics) _arguments \
      '--since[From then on\: 24h, 7d, 2026-01-31T08\:00\:00Z.]:TIME:' \
      '--before[Until then.]:TIME:' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:workflow:{_mistral_workflows_names workflows}' ;;
    signal) _arguments \
      '--input[The input as a whole.]:JSON|@FILE|-:_files' \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:key=value:_files' ;;
    query) _arguments \
      '--input[The input as a whole.]:JSON|@FILE|-:_files' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:key=value:_files' ;;
    update-execution) _arguments \
      '--input[The input as a whole.]:JSON|@FILE|-:_files' \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:key=value:_files' ;;
    inputs) _arguments \
      '--workflow[Without an id\: only executions of this workflow.]:NAME:{_mistral_workflows_names workflows}' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:execution:' ;;
    answer) _arguments \
      '--input[The input as a whole.]:JSON|@FILE|-:_files' \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:key=value:_files' ;;
    cancel) _arguments \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:execution:' ;;
    terminate) _arguments \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:execution:' ;;
    reset) _arguments \
      '--event[A completed workflow task in `mistral-workflows history`.]:N:' \
      '--reason[Kept with the execution.]:TEXT:' \
      '--exclude-signals[Do not apply later signals again.]' \
      '--exclude-updates[Do not apply later updates again.]' \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:execution:' ;;
    batch) _arguments \
      '--inputs[A JSON object on each line; - for standard input.]:FILE:_files' \
      '--concurrency[How many run at the same time (16).]:N:' \
      '--journal[Keep what is done in this file.]:FILE:_files' \
      '--name[The batch'\''s name, which its ids are made of; default\: the workflow and the file'\''s name.]:NAME:' \
      '--shard[Only the I-th of N parts of the inputs.]:I/N:' \
      '--retry-failed[Start what has failed again, under new ids.]' \
      '--timeout[Wait at most so long for each.]:TIME:' \
      '--deployment[Where it runs, when several deployments have this workflow.]:NAME:{_mistral_workflows_names deployments}' \
      '--on-interrupt[What Ctrl-C does to what runs; leave is the default. Twice ends at once.]:leave|cancel:(leave cancel)' \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:workflow:{_mistral_workflows_names workflows}' ;;
    schedules) _arguments \
      '--workflow[Only those of this workflow.]:NAME:{_mistral_workflows_names workflows}' \
      '--status[Only those.]:active|paused:(active paused)' \
      '--search[Only those with this in their names.]:TEXT:' \
      '--mine[Only those that the key'\''s user has made.]' \
      '--limit[Stop after so many.]:N:' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' ;;
    schedule) _arguments \
      '*--cron[Minute, hour, day, month and day of the week\: '\''0 9 * * 1-5'\''; may be repeated.]:EXPRESSION:' \
      '*--every[30m, 1h, 1d; may be repeated.]:TIME:' \
      '--time-zone[Europe/Paris, for instance; default\: UTC.]:NAME:' \
      '--id[The id of the schedule; otherwise the service chooses one.]:ID:' \
      '--input[The input as a whole.]:JSON|@FILE|-:_files' \
      '--overlap[When an earlier run still goes on\: skip (the default), buffer-one, buffer-all, cancel-other, terminate-other, allow-all.]:POLICY:(skip buffer-one buffer-all cancel-other terminate-other allow-all)' \
      '--deployment[Where it runs, when several deployments have this workflow.]:NAME:{_mistral_workflows_names deployments}' \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:workflow:{_mistral_workflows_names workflows}' ;;
    pause-schedule|pause) _arguments \
      '--note[Kept with the schedule.]:TEXT:' \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:schedule:{_mistral_workflows_names schedules}' ;;
    resume-schedule|resume) _arguments \
      '--note[Kept with the schedule.]:TEXT:' \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:schedule:{_mistral_workflows_names schedules}' ;;
    trigger-schedule|trigger) _arguments \
      '--overlap[When an earlier run still goes on\: skip (the default), buffer-one, buffer-all, cancel-other, terminate-other, allow-all.]:POLICY:(skip buffer-one buffer-all cancel-other terminate-other allow-all)' \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:schedule:{_mistral_workflows_names schedules}' ;;
    delete-schedule) _arguments \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:schedule:{_mistral_workflows_names schedules}' ;;
    deployments) _arguments \
      '--all[Those without a live worker too.]' \
      '--workflow[Only those that serve it.]:NAME:{_mistral_workflows_names workflows}' \
      '--search[Only those whose name has this in it.]:TEXT:' \
      '--limit[Stop after so many.]:N:' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' ;;
    workers) _arguments \
      '--status[Only those.]:active|inactive:(active inactive)' \
      '--limit[Stop after so many.]:N:' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:deployment:{_mistral_workflows_names deployments}' ;;
    deployment-logs) _arguments \
      '--worker[Only those of this worker.]:NAME:' \
      '--workflow[Only those of this workflow.]:NAME:{_mistral_workflows_names workflows}' \
      '-f[Go on with what comes.]' \
      '--follow[Go on with what comes.]' \
      '--since[Only what came since\: 10m, 24h, 2026-01-31T08\:00\:00Z.]:TIME:' \
      '--before[Only what came before.]:TIME:' \
      '--newest[The newest first.]' \
      '--limit[Stop after so many.]:N:' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:deployment:{_mistral_workflows_names deployments}' ;;
    start-deployment) _arguments \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:deployment:{_mistral_workflows_names deployments}' ;;
    stop-deployment|stop) _arguments \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:deployment:{_mistral_workflows_names deployments}' ;;
    restart-deployment|restart) _arguments \
      '-n[Only say what would be done.]' \
      '--dry-run[Only say what would be done.]' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:deployment:{_mistral_workflows_names deployments}' ;;
    types) _arguments \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:name:{_mistral_workflows_names workflows}' ;;
    sandbox) _arguments \
      '--port[On this port of the loopback interface.]:N:' \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' ;;
    whoami) _arguments \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' ;;
    completion) _arguments \
      '--server[The service; default\: $MISTRAL_SERVER_URL, else Mistral'\''s own.]:URL:' \
      '--key-file[A file with the API key; default\: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.]:FILE:_files' \
      '--json[Print the service'\''s JSON unchanged; of lists, one object a line.]' \
      '--fields[Print only these members.]:A,B.C:' \
      '--utc[Show times in UTC instead of local time.]' \
      '-v[Show each request on standard error.]' \
      '--verbose[Show each request on standard error.]' \
      '-h[Show help.]' \
      '--help[Show help.]' \
      '*:shell:(bash zsh fish)' ;;
    esac ;;
  esac
}
if [ "$funcstack[1]" = _mistral-workflows ]; then
  _mistral_workflows "$@"
else
  compdef _mistral_workflows mistral-workflows mwf
fi
