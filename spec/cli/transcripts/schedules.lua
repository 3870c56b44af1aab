-- Answers for the commands in schedules.txt.

local function problem(status, detail)
  return function() return status, { detail = detail } end
end

local page = [[{"schedules":[
{"schedule_id":"nine","workflow_name":"hello","paused":true,"cron_expressions":["0 9 * * *","0 8 * * *"],
"intervals":[{"every":"PT3600S"},7,{"every":"PT60S"}],"calendars":[{}],"time_zone_name":"Europe/Paris",
"future_executions":[{"scheduled_at":"2026-01-31T13:00:00Z"},{"scheduled_at":"2026-01-31T14:00:00Z"}],"note":"later"},
{"schedule_id":"a-schedule-with-a-long-id","workflow_name":"a-workflow-with-a-long-name","paused":false,
"calendars":[{},{}],"future_executions":[]}]}]]

local times = [[{"schedule_id":"s-1","future_executions":[{"scheduled_at":"2026-01-31T13:00:00Z"},
{"scheduled_at":"2026-02-01T12:00:00Z"},{"scheduled_at":"no\ttime"},{"scheduled_at":"2026-02-03T12:00:00Z"},
{"scheduled_at":"2026-02-04T12:00:00Z"},{"scheduled_at":"2026-02-05T12:00:00Z"}]}]]

local function done() return 204 end

return {
  usual = {
    get_schedules = page, get_schedule = times, schedule_workflow = '{"schedule_id":"s-1"}',
    pause_schedule = done, resume_schedule = done, trigger_schedule = done, unschedule_workflow = done,
  },
  none = {
    get_schedules = '{"schedules":[]}', get_schedule = '{"schedule_id":"s-1"}', schedule_workflow = '{"schedule_id":7}',
    pause_schedule = problem(404, "Schedule not found"), unschedule_workflow = problem(403, "not yours"),
  },
}
