# Completion of mistral-workflows for bash. Made by `mistral-workflows completion bash`.
_mistral_workflows() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
    --server|--key-file|--fields) ((i++)) ;;
    -*) ;;
    *) command=${COMP_WORDS[i]}; break ;;
    esac
  done
  case $command:$prev in
  list:--search) COMPREPLY=(); return ;;
  list:--tag) COMPREPLY=(); return ;;
  list:--deployment) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names deployments 2>/dev/null)" -- "$cur")); return ;;
  list:--limit) COMPREPLY=(); return ;;
  registrations:--workflow) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")); return ;;
  registrations:--search) COMPREPLY=(); return ;;
  registrations:--limit) COMPREPLY=(); return ;;
  update:--display-name) COMPREPLY=(); return ;;
  update:--description) COMPREPLY=(); return ;;
  update:--tag) COMPREPLY=(); return ;;
  update:--chat-assistant) COMPREPLY=($(compgen -W "yes no" -- "$cur")); return ;;
  run:--input) COMPREPLY=($(compgen -f -- "${cur#@}")); return ;;
  run:--id) COMPREPLY=(); return ;;
  run:--timeout) COMPREPLY=(); return ;;
  run:--on-timeout) COMPREPLY=($(compgen -W "leave cancel" -- "$cur")); return ;;
  run:--deployment) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names deployments 2>/dev/null)" -- "$cur")); return ;;
  run:--stream) COMPREPLY=(); return ;;
  run:--on-interrupt) COMPREPLY=($(compgen -W "leave cancel" -- "$cur")); return ;;
  start:--input) COMPREPLY=($(compgen -f -- "${cur#@}")); return ;;
  start:--id) COMPREPLY=(); return ;;
  start:--deployment) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names deployments 2>/dev/null)" -- "$cur")); return ;;
  wait:--timeout) COMPREPLY=(); return ;;
  wait:--stream) COMPREPLY=(); return ;;
  wait:--on-interrupt) COMPREPLY=($(compgen -W "leave cancel" -- "$cur")); return ;;
  logs:--activity) COMPREPLY=(); return ;;
  logs:--run) COMPREPLY=(); return ;;
  logs:--since) COMPREPLY=(); return ;;
  logs:--before) COMPREPLY=(); return ;;
  logs:--limit) COMPREPLY=(); return ;;
  runs:--status) COMPREPLY=($(compgen -W "RUNNING COMPLETED FAILED CANCELED TERMINATED CONTINUED_AS_NEW TIMED_OUT RETRYING_AFTER_ERROR" -- "$cur")); return ;;
  runs:--workflow) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")); return ;;
  runs:--since) COMPREPLY=(); return ;;
  runs:--before) COMPREPLY=(); return ;;
  runs:--search) COMPREPLY=(); return ;;
  runs:--tag) COMPREPLY=(); return ;;
  runs:--deployment) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names deployments 2>/dev/null)" -- "$cur")); return ;;
  runs:--root) COMPREPLY=(); return ;;
  runs:--limit) COMPREPLY=(); return ;;
  trace:--svg) COMPREPLY=($(compgen -f -- "${cur#@}")); return ;;
  metrics:--since) COMPREPLY=(); return ;;
  metrics:--before) COMPREPLY=(); return ;;
  signal:--input) COMPREPLY=($(compgen -f -- "${cur#@}")); return ;;
  query:--input) COMPREPLY=($(compgen -f -- "${cur#@}")); return ;;
  update-execution:--input) COMPREPLY=($(compgen -f -- "${cur#@}")); return ;;
  inputs:--workflow) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")); return ;;
  answer:--input) COMPREPLY=($(compgen -f -- "${cur#@}")); return ;;
  reset:--event) COMPREPLY=(); return ;;
  reset:--reason) COMPREPLY=(); return ;;
  batch:--inputs) COMPREPLY=($(compgen -f -- "${cur#@}")); return ;;
  batch:--concurrency) COMPREPLY=(); return ;;
  batch:--journal) COMPREPLY=($(compgen -f -- "${cur#@}")); return ;;
  batch:--name) COMPREPLY=(); return ;;
  batch:--shard) COMPREPLY=(); return ;;
  batch:--timeout) COMPREPLY=(); return ;;
  batch:--deployment) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names deployments 2>/dev/null)" -- "$cur")); return ;;
  batch:--on-interrupt) COMPREPLY=($(compgen -W "leave cancel" -- "$cur")); return ;;
  schedules:--workflow) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")); return ;;
  schedules:--status) COMPREPLY=($(compgen -W "active paused" -- "$cur")); return ;;
  schedules:--search) COMPREPLY=(); return ;;
  schedules:--limit) COMPREPLY=(); return ;;
  schedule:--cron) COMPREPLY=(); return ;;
  schedule:--every) COMPREPLY=(); return ;;
  schedule:--time-zone) COMPREPLY=(); return ;;
  schedule:--id) COMPREPLY=(); return ;;
  schedule:--input) COMPREPLY=($(compgen -f -- "${cur#@}")); return ;;
  schedule:--overlap) COMPREPLY=($(compgen -W "skip buffer-one buffer-all cancel-other terminate-other allow-all" -- "$cur")); return ;;
  schedule:--deployment) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names deployments 2>/dev/null)" -- "$cur")); return ;;
  pause-schedule:--note) COMPREPLY=(); return ;;
  resume-schedule:--note) COMPREPLY=(); return ;;
  trigger-schedule:--overlap) COMPREPLY=($(compgen -W "skip buffer-one buffer-all cancel-other terminate-other allow-all" -- "$cur")); return ;;
  deployments:--workflow) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")); return ;;
  deployments:--search) COMPREPLY=(); return ;;
  deployments:--limit) COMPREPLY=(); return ;;
  workers:--status) COMPREPLY=($(compgen -W "active inactive" -- "$cur")); return ;;
  workers:--limit) COMPREPLY=(); return ;;
  deployment-logs:--worker) COMPREPLY=(); return ;;
  deployment-logs:--workflow) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")); return ;;
  deployment-logs:--since) COMPREPLY=(); return ;;
  deployment-logs:--before) COMPREPLY=(); return ;;
  deployment-logs:--limit) COMPREPLY=(); return ;;
  sandbox:--port) COMPREPLY=(); return ;;
  *:--server) COMPREPLY=(); return ;;
  *:--key-file) COMPREPLY=($(compgen -f -- "${cur#@}")); return ;;
  *:--fields) COMPREPLY=(); return ;;
  esac
  if [[ $cur == -* ]]; then
    case $command in
    list) COMPREPLY=($(compgen -W "--search --tag --deployment --active --archived --all --limit --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    show) COMPREPLY=($(compgen -W "--server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    registrations) COMPREPLY=($(compgen -W "--workflow --search --active --limit --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    archive) COMPREPLY=($(compgen -W "-n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    unarchive) COMPREPLY=($(compgen -W "-n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    update) COMPREPLY=($(compgen -W "--display-name --description --tag --no-tags --chat-assistant -n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    run) COMPREPLY=($(compgen -W "--input --id --join --timeout --on-timeout --deployment --stream --on-interrupt -n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    start) COMPREPLY=($(compgen -W "--input --id --deployment -n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    wait) COMPREPLY=($(compgen -W "--timeout --stream --on-interrupt --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    follow) COMPREPLY=($(compgen -W "--live --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    logs) COMPREPLY=($(compgen -W "--activity --run -f --follow --since --before --newest --limit --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    runs) COMPREPLY=($(compgen -W "--status --workflow --since --before --search --tag --deployment --root --mine --internal -w --watch --limit --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    get) COMPREPLY=($(compgen -W "--server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    history) COMPREPLY=($(compgen -W "--encoded --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    trace) COMPREPLY=($(compgen -W "--svg --children --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    metrics) COMPREPLY=($(compgen -W "--since --before --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    signal) COMPREPLY=($(compgen -W "--input -n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    query) COMPREPLY=($(compgen -W "--input --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    update-execution) COMPREPLY=($(compgen -W "--input -n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    inputs) COMPREPLY=($(compgen -W "--workflow --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    answer) COMPREPLY=($(compgen -W "--input -n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    cancel) COMPREPLY=($(compgen -W "-n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    terminate) COMPREPLY=($(compgen -W "-n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    reset) COMPREPLY=($(compgen -W "--event --reason --exclude-signals --exclude-updates -n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    batch) COMPREPLY=($(compgen -W "--inputs --concurrency --journal --name --shard --retry-failed --timeout --deployment --on-interrupt -n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    schedules) COMPREPLY=($(compgen -W "--workflow --status --search --mine --limit --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    schedule) COMPREPLY=($(compgen -W "--cron --every --time-zone --id --input --overlap --deployment -n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    pause-schedule|pause) COMPREPLY=($(compgen -W "--note -n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    resume-schedule|resume) COMPREPLY=($(compgen -W "--note -n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    trigger-schedule|trigger) COMPREPLY=($(compgen -W "--overlap -n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    delete-schedule) COMPREPLY=($(compgen -W "-n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    deployments) COMPREPLY=($(compgen -W "--all --workflow --search --limit --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    workers) COMPREPLY=($(compgen -W "--status --limit --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    deployment-logs) COMPREPLY=($(compgen -W "--worker --workflow -f --follow --since --before --newest --limit --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    start-deployment) COMPREPLY=($(compgen -W "-n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    stop-deployment|stop) COMPREPLY=($(compgen -W "-n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    restart-deployment|restart) COMPREPLY=($(compgen -W "-n --dry-run --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    types) COMPREPLY=($(compgen -W "--server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    sandbox) COMPREPLY=($(compgen -W "--port --server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    whoami) COMPREPLY=($(compgen -W "--server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    completion) COMPREPLY=($(compgen -W "--server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "--server --key-file --json --fields --utc -v --verbose -h --help" -- "$cur")) ;;
    esac
    return
  fi
  case $command in
  '') COMPREPLY=($(compgen -W "list show registrations archive unarchive update run start wait follow logs runs get history trace metrics signal query update-execution inputs answer cancel terminate reset batch schedules schedule pause-schedule resume-schedule trigger-schedule delete-schedule deployments workers deployment-logs start-deployment stop-deployment restart-deployment types sandbox whoami completion" -- "$cur")) ;;
  show) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")) ;;
  archive) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")) ;;
  unarchive) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")) ;;
  update) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")) ;;
  run) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")) ;;
  start) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")) ;;
  metrics) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")) ;;
  signal) COMPREPLY=($(compgen -f -- "${cur#@}")) ;;
  query) COMPREPLY=($(compgen -f -- "${cur#@}")) ;;
  update-execution) COMPREPLY=($(compgen -f -- "${cur#@}")) ;;
  answer) COMPREPLY=($(compgen -f -- "${cur#@}")) ;;
  batch) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")) ;;
  schedule) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")) ;;
  pause-schedule|pause) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names schedules 2>/dev/null)" -- "$cur")) ;;
  resume-schedule|resume) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names schedules 2>/dev/null)" -- "$cur")) ;;
  trigger-schedule|trigger) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names schedules 2>/dev/null)" -- "$cur")) ;;
  delete-schedule) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names schedules 2>/dev/null)" -- "$cur")) ;;
  workers) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names deployments 2>/dev/null)" -- "$cur")) ;;
  deployment-logs) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names deployments 2>/dev/null)" -- "$cur")) ;;
  start-deployment) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names deployments 2>/dev/null)" -- "$cur")) ;;
  stop-deployment|stop) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names deployments 2>/dev/null)" -- "$cur")) ;;
  restart-deployment|restart) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names deployments 2>/dev/null)" -- "$cur")) ;;
  types) COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" names workflows 2>/dev/null)" -- "$cur")) ;;
  completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$cur")) ;;
  esac
}
complete -o filenames -F _mistral_workflows mistral-workflows mwf
