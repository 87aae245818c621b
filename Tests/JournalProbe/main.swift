import Foundation
import Journal

// Speaks to the service manager that its environment names: a process has one environment, and the tests are one process.
// Only the tests of `Journal` start it.
//
//   JournalProbe notify      every state, one after the other
//   JournalProbe watchdog    prints the period in seconds, or nil

switch CommandLine.arguments[1] {
case "notify":
  ServiceManager.ready()
  ServiceManager.status("extracting:\n40 of 120")
  ServiceManager.ping()
  ServiceManager.stopping()
  ServiceManager.reloading()
default: print(ServiceManager.watchdogPeriod.map { "\($0)" } ?? "nil")
}
