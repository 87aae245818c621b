private import Vocabulary
