# Completion of mistral-workflows for fish. Made by `mistral-workflows completion fish`.
function __mistral_workflows_names
  set -l words (commandline -opc)
  $words[1] names $argv[1] 2>/dev/null
end
complete -c mistral-workflows -f
complete -c mistral-workflows  -l server -d 'The service; default: $MISTRAL_SERVER_URL, else Mistral\'s own.' -x
complete -c mistral-workflows  -l key-file -d 'A file with the API key; default: $MISTRAL_SA_TOKEN_PATH, else the key in $MISTRAL_API_KEY.' -r -F
complete -c mistral-workflows  -l json -d 'Print the service\'s JSON unchanged; of lists, one object a line.'
complete -c mistral-workflows  -l fields -d 'Print only these members.' -x
complete -c mistral-workflows  -l utc -d 'Show times in UTC instead of local time.'
complete -c mistral-workflows  -s v -l verbose -d 'Show each request on standard error.'
complete -c mistral-workflows  -s h -l help -d 'Show help.'
complete -c mistral-workflows -n __fish_use_subcommand -a list -d 'List the workflows of the workspace.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from list' -l search -d 'Only those whose name has this in it.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from list' -l tag -d 'Only those with this tag; may be repeated.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from list' -l deployment -d 'Only those of this deployment; may be repeated.' -x -a '(__mistral_workflows_names deployments)'
complete -c mistral-workflows -n '__fish_seen_subcommand_from list' -l active -d 'Only those that a worker serves.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from list' -l archived -d 'Only the archived ones.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from list' -l all -d 'The archived ones too.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from list' -l limit -d 'Stop after so many.' -x
complete -c mistral-workflows -n __fish_use_subcommand -a show -d 'Show a workflow with its input, result, signals, queries and updates.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from show' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n __fish_use_subcommand -a registrations -d 'List registrations: the definitions that workers have announced.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from registrations' -l workflow -d 'Only those of this workflow.' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n '__fish_seen_subcommand_from registrations' -l search -d 'Only those whose workflow\'s name has this in it.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from registrations' -l active -d 'Only those that a worker serves.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from registrations' -l limit -d 'Stop after so many.' -x
complete -c mistral-workflows -n __fish_use_subcommand -a archive -d 'Archive workflows.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from archive' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from archive' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n __fish_use_subcommand -a unarchive -d 'Take workflows out of the archive.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from unarchive' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from unarchive' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n __fish_use_subcommand -a update -d 'Change the display name, description, tags or visibility of a workflow.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from update' -l display-name -d 'The name that people see.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from update' -l description -d 'What it does.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from update' -l tag -d 'The tags it has from now on; may be repeated.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from update' -l no-tags -d 'Take all tags away.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from update' -l chat-assistant -d 'Available there?' -x -a 'yes no'
complete -c mistral-workflows -n '__fish_seen_subcommand_from update' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from update' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n __fish_use_subcommand -a run -d 'Start a workflow, wait for its end, and print its result.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from run' -l input -d 'The input as a whole.' -r -F
complete -c mistral-workflows -n '__fish_seen_subcommand_from run' -l id -d 'The id of the execution: A-Z a-z 0-9 _ -, up to 256.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from run' -l join -d 'With --id: wait for the execution of that id where there is one already.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from run' -l timeout -d 'Wait at most so long (30s, 10m, 2h); the execution goes on.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from run' -l on-timeout -d 'What happens to the execution when --timeout is over; leave is the default.' -x -a 'leave cancel'
complete -c mistral-workflows -n '__fish_seen_subcommand_from run' -l deployment -d 'Where it runs, when several deployments have this workflow.' -x -a '(__mistral_workflows_names deployments)'
complete -c mistral-workflows -n '__fish_seen_subcommand_from run' -l stream -d 'Show the text of this event stream as it grows.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from run' -l on-interrupt -d 'What Ctrl-C does to the execution; leave is the default. Twice ends at once.' -x -a 'leave cancel'
complete -c mistral-workflows -n '__fish_seen_subcommand_from run' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from run' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n __fish_use_subcommand -a start -d 'Start a workflow and print the id of the execution.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from start' -l input -d 'The input as a whole.' -r -F
complete -c mistral-workflows -n '__fish_seen_subcommand_from start' -l id -d 'The id of the execution: A-Z a-z 0-9 _ -, up to 256.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from start' -l deployment -d 'Where it runs, when several deployments have this workflow.' -x -a '(__mistral_workflows_names deployments)'
complete -c mistral-workflows -n '__fish_seen_subcommand_from start' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from start' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n __fish_use_subcommand -a wait -d 'Wait for executions, and print their results as they come.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from wait' -l timeout -d 'Wait at most so long (30s, 10m, 2h); the execution goes on.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from wait' -l stream -d 'Show the text of this event stream as it grows.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from wait' -l on-interrupt -d 'What Ctrl-C does to the execution; leave is the default. Twice ends at once.' -x -a 'leave cancel'
complete -c mistral-workflows -n __fish_use_subcommand -a follow -d 'Show the events of executions as they happen, until they end.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from follow' -l live -d 'Begin with what happens now.'
complete -c mistral-workflows -n __fish_use_subcommand -a logs -d 'Show the log records of an execution.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from logs' -l activity -d 'Only those of this activity.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from logs' -l run -d 'Only those of this run of the execution.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from logs' -s f -l follow -d 'Go on with what comes.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from logs' -l since -d 'Only what came since: 10m, 24h, 2026-01-31T08:00:00Z.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from logs' -l before -d 'Only what came before.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from logs' -l newest -d 'The newest first.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from logs' -l limit -d 'Stop after so many.' -x
complete -c mistral-workflows -n __fish_use_subcommand -a runs -d 'List runs of workflows, the newest first.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from runs' -l status -d 'Only those with one of these statuses.' -x -a 'RUNNING COMPLETED FAILED CANCELED TERMINATED CONTINUED_AS_NEW TIMED_OUT RETRYING_AFTER_ERROR'
complete -c mistral-workflows -n '__fish_seen_subcommand_from runs' -l workflow -d 'Only those of this workflow.' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n '__fish_seen_subcommand_from runs' -l since -d 'Only those that started since: 24h, 7d, 2026-01-31T08:00:00Z.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from runs' -l before -d 'Only those that started before.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from runs' -l search -d 'Only those with this in their names or ids.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from runs' -l tag -d 'Only those of workflows with all these tags.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from runs' -l deployment -d 'Only those of this deployment.' -x -a '(__mistral_workflows_names deployments)'
complete -c mistral-workflows -n '__fish_seen_subcommand_from runs' -l root -d 'Only those of this execution and its children.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from runs' -l mine -d 'Only those that the key\'s user has started.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from runs' -l internal -d 'The service\'s own workflows too.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from runs' -s w -l watch -d 'Go on: the newest 200 in a table that is drawn again every 2 seconds; where the output is no terminal, a line for each change.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from runs' -l limit -d 'Stop after so many.' -x
complete -c mistral-workflows -n __fish_use_subcommand -a get -d 'Show the state and result of an execution.'
complete -c mistral-workflows -n __fish_use_subcommand -a history -d 'Show the workflow engine\'s history of an execution.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from history' -l encoded -d 'Leave payloads as they are stored.'
complete -c mistral-workflows -n __fish_use_subcommand -a trace -d 'Show the span tree of an execution on a common time axis.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from trace' -l svg -d 'Write it as a picture instead; - for standard output.' -r -F
complete -c mistral-workflows -n '__fish_seen_subcommand_from trace' -l children -d 'With the traces of the executions that it started.'
complete -c mistral-workflows -n __fish_use_subcommand -a metrics -d 'Show counts, latency and retries of a workflow.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from metrics' -l since -d 'From then on: 24h, 7d, 2026-01-31T08:00:00Z.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from metrics' -l before -d 'Until then.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from metrics' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n __fish_use_subcommand -a signal -d 'Send a signal to a running execution.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from signal' -l input -d 'The input as a whole.' -r -F
complete -c mistral-workflows -n '__fish_seen_subcommand_from signal' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from signal' -r -F
complete -c mistral-workflows -n __fish_use_subcommand -a query -d 'Ask a running execution, and print its answer.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from query' -l input -d 'The input as a whole.' -r -F
complete -c mistral-workflows -n '__fish_seen_subcommand_from query' -r -F
complete -c mistral-workflows -n __fish_use_subcommand -a update-execution -d 'Change a running execution, and print its answer.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from update-execution' -l input -d 'The input as a whole.' -r -F
complete -c mistral-workflows -n '__fish_seen_subcommand_from update-execution' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from update-execution' -r -F
complete -c mistral-workflows -n __fish_use_subcommand -a inputs -d 'Show the inputs that an execution waits for, or all executions.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from inputs' -l workflow -d 'Without an id: only executions of this workflow.' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n __fish_use_subcommand -a answer -d 'Give an execution an input that it waits for.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from answer' -l input -d 'The input as a whole.' -r -F
complete -c mistral-workflows -n '__fish_seen_subcommand_from answer' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from answer' -r -F
complete -c mistral-workflows -n __fish_use_subcommand -a cancel -d 'Ask executions to stop.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from cancel' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n __fish_use_subcommand -a terminate -d 'Stop executions at once.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from terminate' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n __fish_use_subcommand -a reset -d 'Set an execution back to an earlier event of its history.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from reset' -l event -d 'A completed workflow task in `mistral-workflows history`.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from reset' -l reason -d 'Kept with the execution.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from reset' -l exclude-signals -d 'Do not apply later signals again.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from reset' -l exclude-updates -d 'Do not apply later updates again.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from reset' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n __fish_use_subcommand -a batch -d 'Run a workflow for many inputs, and print each result.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from batch' -l inputs -d 'A JSON object on each line; - for standard input.' -r -F
complete -c mistral-workflows -n '__fish_seen_subcommand_from batch' -l concurrency -d 'How many run at the same time (16).' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from batch' -l journal -d 'Keep what is done in this file.' -r -F
complete -c mistral-workflows -n '__fish_seen_subcommand_from batch' -l name -d 'The batch\'s name, which its ids are made of; default: the workflow and the file\'s name.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from batch' -l shard -d 'Only the I-th of N parts of the inputs.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from batch' -l retry-failed -d 'Start what has failed again, under new ids.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from batch' -l timeout -d 'Wait at most so long for each.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from batch' -l deployment -d 'Where it runs, when several deployments have this workflow.' -x -a '(__mistral_workflows_names deployments)'
complete -c mistral-workflows -n '__fish_seen_subcommand_from batch' -l on-interrupt -d 'What Ctrl-C does to what runs; leave is the default. Twice ends at once.' -x -a 'leave cancel'
complete -c mistral-workflows -n '__fish_seen_subcommand_from batch' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from batch' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n __fish_use_subcommand -a schedules -d 'List schedules and when they run next.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from schedules' -l workflow -d 'Only those of this workflow.' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n '__fish_seen_subcommand_from schedules' -l status -d 'Only those.' -x -a 'active paused'
complete -c mistral-workflows -n '__fish_seen_subcommand_from schedules' -l search -d 'Only those with this in their names.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from schedules' -l mine -d 'Only those that the key\'s user has made.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from schedules' -l limit -d 'Stop after so many.' -x
complete -c mistral-workflows -n __fish_use_subcommand -a schedule -d 'Run a workflow at certain times, and show the next five.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from schedule' -l cron -d 'Minute, hour, day, month and day of the week: \'0 9 * * 1-5\'; may be repeated.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from schedule' -l every -d '30m, 1h, 1d; may be repeated.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from schedule' -l time-zone -d 'Europe/Paris, for instance; default: UTC.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from schedule' -l id -d 'The id of the schedule; otherwise the service chooses one.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from schedule' -l input -d 'The input as a whole.' -r -F
complete -c mistral-workflows -n '__fish_seen_subcommand_from schedule' -l overlap -d 'When an earlier run still goes on: skip (the default), buffer-one, buffer-all, cancel-other, terminate-other, allow-all.' -x -a 'skip buffer-one buffer-all cancel-other terminate-other allow-all'
complete -c mistral-workflows -n '__fish_seen_subcommand_from schedule' -l deployment -d 'Where it runs, when several deployments have this workflow.' -x -a '(__mistral_workflows_names deployments)'
complete -c mistral-workflows -n '__fish_seen_subcommand_from schedule' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from schedule' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n __fish_use_subcommand -a pause-schedule -d 'Pause a schedule.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from pause-schedule pause' -l note -d 'Kept with the schedule.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from pause-schedule pause' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from pause-schedule pause' -x -a '(__mistral_workflows_names schedules)'
complete -c mistral-workflows -n __fish_use_subcommand -a resume-schedule -d 'Resume a paused schedule.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from resume-schedule resume' -l note -d 'Kept with the schedule.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from resume-schedule resume' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from resume-schedule resume' -x -a '(__mistral_workflows_names schedules)'
complete -c mistral-workflows -n __fish_use_subcommand -a trigger-schedule -d 'Run the workflow of a schedule now.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from trigger-schedule trigger' -l overlap -d 'When an earlier run still goes on: skip (the default), buffer-one, buffer-all, cancel-other, terminate-other, allow-all.' -x -a 'skip buffer-one buffer-all cancel-other terminate-other allow-all'
complete -c mistral-workflows -n '__fish_seen_subcommand_from trigger-schedule trigger' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from trigger-schedule trigger' -x -a '(__mistral_workflows_names schedules)'
complete -c mistral-workflows -n __fish_use_subcommand -a delete-schedule -d 'Delete a schedule.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from delete-schedule' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from delete-schedule' -x -a '(__mistral_workflows_names schedules)'
complete -c mistral-workflows -n __fish_use_subcommand -a deployments -d 'List the deployments that serve workflows.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from deployments' -l all -d 'Those without a live worker too.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from deployments' -l workflow -d 'Only those that serve it.' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n '__fish_seen_subcommand_from deployments' -l search -d 'Only those whose name has this in it.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from deployments' -l limit -d 'Stop after so many.' -x
complete -c mistral-workflows -n __fish_use_subcommand -a workers -d 'List the workers of a deployment.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from workers' -l status -d 'Only those.' -x -a 'active inactive'
complete -c mistral-workflows -n '__fish_seen_subcommand_from workers' -l limit -d 'Stop after so many.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from workers' -x -a '(__mistral_workflows_names deployments)'
complete -c mistral-workflows -n __fish_use_subcommand -a deployment-logs -d 'Show the log records of a deployment.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from deployment-logs' -l worker -d 'Only those of this worker.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from deployment-logs' -l workflow -d 'Only those of this workflow.' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n '__fish_seen_subcommand_from deployment-logs' -s f -l follow -d 'Go on with what comes.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from deployment-logs' -l since -d 'Only what came since: 10m, 24h, 2026-01-31T08:00:00Z.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from deployment-logs' -l before -d 'Only what came before.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from deployment-logs' -l newest -d 'The newest first.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from deployment-logs' -l limit -d 'Stop after so many.' -x
complete -c mistral-workflows -n '__fish_seen_subcommand_from deployment-logs' -x -a '(__mistral_workflows_names deployments)'
complete -c mistral-workflows -n __fish_use_subcommand -a start-deployment -d 'Start a managed deployment.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from start-deployment' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from start-deployment' -x -a '(__mistral_workflows_names deployments)'
complete -c mistral-workflows -n __fish_use_subcommand -a stop-deployment -d 'Stop a managed deployment.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from stop-deployment stop' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from stop-deployment stop' -x -a '(__mistral_workflows_names deployments)'
complete -c mistral-workflows -n __fish_use_subcommand -a restart-deployment -d 'Restart a managed deployment.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from restart-deployment restart' -s n -l dry-run -d 'Only say what would be done.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from restart-deployment restart' -x -a '(__mistral_workflows_names deployments)'
complete -c mistral-workflows -n __fish_use_subcommand -a types -d 'Write LuaCATS types of the workspace\'s own workflows.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from types' -x -a '(__mistral_workflows_names workflows)'
complete -c mistral-workflows -n __fish_use_subcommand -a sandbox -d 'Start a local service to try things on, and print what to export.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from sandbox' -l port -d 'On this port of the loopback interface.' -x
complete -c mistral-workflows -n __fish_use_subcommand -a whoami -d 'Show what the key belongs to.'
complete -c mistral-workflows -n __fish_use_subcommand -a completion -d 'Print the completion script for a shell.'
complete -c mistral-workflows -n '__fish_seen_subcommand_from completion' -x -a 'bash zsh fish'
complete -c mwf -w mistral-workflows
