import Control
import Dashboard
import Testing

struct MetricsTests {
  private let lines = Metrics(SampleStatus.busy).text.split(separator: "\n").map(String.init)

  @Test(arguments: [
    "primatrix_info{version=\"1.2\"} 1", "primatrix_start_time_seconds 1795520582", "primatrix_working 1",
    "primatrix_paused 0", "primatrix_problems 1", "primatrix_clips{state=\"decoded\"} 1200",
    "primatrix_clips{state=\"unreadable\"} 2", "primatrix_clips_labelled 800", "primatrix_clips_scored 1201",
    "primatrix_stage_done{stage=\"train\"} 3", "primatrix_stage_total{stage=\"train\"} 10",
    "primatrix_stage_failed{stage=\"train\"} 1", "primatrix_stage_running{stage=\"train\"} 1",
    "primatrix_stage_made_total{stage=\"train\"} 3", "primatrix_source_bytes{source=\"raw\"} 250000000",
    "primatrix_source_size_bytes{source=\"raw\"} 1000000000",
    "primatrix_source_state{source=\"more\",state=\"complete\"} 1",
    "primatrix_ensemble_log_loss 0.0506", "primatrix_ensemble_prior_log_loss 0.1115", "primatrix_ensemble_clips 800",
    "primatrix_ensemble_finished_seconds 1795527722", "primatrix_submission_rows 39",
    "primatrix_submission_rows_from_priors 1", "primatrix_submission_published_seconds 1795527782",
    "# TYPE primatrix_stage_made_total counter", "# TYPE primatrix_clips gauge",
  ])
  func everyNumberIsThere(line: String) { #expect(lines.contains(line)) }

  /// The grammar of the text format, and each metric once, its help and type before its samples.
  @Test func itIsTheTextFormat() throws {
    let sample =
      #/([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? (-?[0-9.e+-]+)/#
    var seen: Set<String> = []
    var current = ""
    for line in lines {
      if line.hasPrefix("# HELP ") {
        current = String(line.split(separator: " ")[2])
        #expect(seen.insert(current).inserted, "\(current) comes twice")
      } else if line.hasPrefix("# TYPE ") {
        #expect(line == "# TYPE \(current) gauge" || line == "# TYPE \(current) counter")
      } else {
        let match = try #require(line.wholeMatch(of: sample), "\(line)")
        #expect(match.output.1 == current && Double(match.output.3) != nil)
      }
    }
  }

  @Test func whatIsNotKnownIsLeftOut() {
    let text = Metrics(SampleStatus.quiet).text
    #expect(!text.contains("primatrix_ensemble") && !text.contains("_submission") && !text.contains("_source"))
    #expect(text.contains("primatrix_paused 1\n"))
  }

  @Test func labelsAreEscaped() {
    var status = SampleStatus.quiet
    status.sources = [SourceStatus(id: "a\"b\\c\nd", state: "failed", bytes: 1, totalBytes: nil)]
    #expect(Metrics(status).text.contains(#"primatrix_source_bytes{source="a\"b\\c\nd"} 1"#))
  }
}
