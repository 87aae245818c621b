import Dashboard
import Foundation
import Testing

struct DashboardPageTests {
  private func page(_ hasReport: Bool = true) -> String {
    let page = DashboardPage(SampleStatus.busy, runs: SampleStatus.runs, hasReport: hasReport, now: SampleStatus.now)
    return String(decoding: page.data, as: UTF8.self)
  }

  @Test(arguments: [
    "<p class=\"state\">training: 3 of 10 folds</p>", "<b>1203</b><small>1200 decoded, 1 in part, 2 unreadable</small>",
    "<b>0.0506</b><small>priors 0.1115; 800 clips, 60 s ago</small>",
    "<b>39</b><small>1 from the priors; just now</small>",
    "value=\"0.2500\" aria-label=\"download, share done\"", "value=\"0.3000\"", "<span class=\"other\">1</span>",
    "<td>2.0/min</td><td>4 min</td>",
    "<th scope=\"row\">train x fold 4</th><td>2 of 5</td><td>0.2500</td><td>60 s</td>",
    "<b>raw</b>: downloading, 250.0 MB of 1.0 GB", "<a href=\"report\">", "<a href=\"v1/submission\">",
    "<a href=\"v1/clips?state=unreadable\">", "<meta http-equiv=\"refresh\" content=\"5\">",
    "<th scope=\"row\">0123</th><td>current</td><td>2026-11-24T",
  ])
  func itShowsWhatTheDaemonIsAt(piece: String) { #expect(page().contains(piece), "\(page())") }

  @Test func whatStrangersWriteIsText() {
    let page = page()
    #expect(
      page.contains("&lt;script&gt;alert(1)&lt;/script&gt;\u{FFFD}") && page.contains("correct &quot;a&amp;b&quot;"))
    #expect(page.contains("&lt;b&gt;seeds&lt;/b&gt;") && !page.contains("<script") && !page.contains("\u{202E}"))
  }

  @Test func whatIsNotThereIsNotShown() {
    #expect(!page(false).contains("href=\"report\""))
    let quiet = String(
      decoding: DashboardPage(SampleStatus.quiet, runs: [], hasReport: false, now: SampleStatus.now).data, as: UTF8.self
    )
    for word in ["Problems", "Under way", "Sources", "Ensembles", "log loss", "v1/submission"] {
      #expect(!quiet.contains(word), "\(word)")
    }
    #expect(quiet.contains("waiting for clips"))
  }
}
