-- Walks the lines of REQUESTS (`path` or `path<tab>body`), each once in order when it posts, at random when it reads.
local wanted, next_line = {}, 0
for line in io.lines(os.getenv("REQUESTS")) do wanted[#wanted + 1] = line end
local headers = { ["Cookie"] = os.getenv("COOKIE") }
local posts = { ["Cookie"] = os.getenv("COOKIE"), ["Content-Type"] = "application/x-www-form-urlencoded" }

request = function()
  local path, body = nil, nil
  if os.getenv("POSTS") then
    next_line = next_line + 1
    -- Past the last one the same call is posted again: it would be counted as a failure by the check that follows.
    path, body = wanted[math.min(next_line, #wanted)]:match("^(.-)\t(.*)$")
    return wrk.format("POST", path, posts, body)
  end
  return wrk.format("GET", wanted[math.random(#wanted)], headers)
end

done = function(summary, latency, requests)
  local failed = summary.errors.status + summary.errors.timeout + summary.errors.connect + summary.errors.read
  io.write(string.format(
    '{"rate": %.1f, "p50": %.2f, "p95": %.2f, "p99": %.2f, "requests": %d, "failed": %d}\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    latency:percentile(99) / 1e3, summary.requests, failed))
end
