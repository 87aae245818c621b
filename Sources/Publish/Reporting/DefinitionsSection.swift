internal import Pages

/// What the numbers mean, in the words of someone who counts animals.
struct DefinitionsSection {
  var resamples: Int

  private var terms: [(String, String)] {
    [
      (
        "Log loss",
        "The mean of \u{2212}ln(p), p being the probability that was given to what turned out to be so, for each class. 0 is "
          + "perfect; a certain mistake is very dear. The mean over all classes is the contest's score."
      ),
      (
        "Answering the priors",
        "Giving every clip each class's share among the other clips: what one can do without looking."
      ),
      (
        "Average precision",
        "Clips ranked by their probability of the class: the mean precision over the places where a clip that has it is "
          + "found (Davis and Goadrich 2006). 1 is perfect; chance reaches the class's share."
      ),
      (
        "ROC AUC",
        "How often a clip with the class is ranked above one without it (Hanley and McNeil 1982). 1 is perfect, chance "
          + "reaches 0.5."
      ),
      (
        "Calibration error",
        "The mean distance between how probable clips were called and how often it came true, over ten bins of equal width "
          + "(Naeini, Cooper and Hauskrecht 2015)."
      ),
      (
        "Intervals",
        "In brackets or below a number: where it lies in 95\u{A0}% of \(resamples) sets of as many clips, drawn from these "
          + "with replacement (Efron 1979). Clips taken within minutes of each other are alike, so the truth may be a little "
          + "wider. Drawing adds noise to the calibration error, whose interval may lie above it. Fewer than five clips of "
          + "a kind make no interval."
      ),
    ]
  }

  var markup: Markup {
    .element(
      "section", [],
      [
        .element("h2", [], .text("What the numbers mean")),
        .element(
          "dl", [], terms.flatMap { [.element("dt", [], .text($0.0)), .element("dd", [], .text($0.1))] }),
      ])
  }
}
