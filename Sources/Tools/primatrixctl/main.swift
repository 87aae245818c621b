import Commands
import Foundation

exit(PrimatrixCtl.run(Array(CommandLine.arguments.dropFirst())))
