internal import Foundation

/// ln(p / (1 - p)): the logit whose sigmoid is the share.
package func logOdds(_ share: Double) -> Double { log(share / (1 - share)) }
