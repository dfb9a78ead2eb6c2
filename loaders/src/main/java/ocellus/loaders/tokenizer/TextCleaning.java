package ocellus.loaders.tokenizer;

import java.util.Locale;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.json.JsonObject;

/**
 * How open_clip cleans text: all of these repair it, resolve references of HTML twice, and make
 * runs of white space one space.
 */
enum TextCleaning {
  /** Keeps the case. */
  WHITESPACE,
  /** Makes all lower case. */
  LOWER,
  /** Makes all lower case and drops ASCII punctuation; the underscore becomes a space. */
  CANONICALIZE;

  /**
   * The cleaning that a configuration names.
   *
   * @param absent the one if it names none
   */
  static TextCleaning of(JsonObject arguments, TextCleaning absent) {
    String name = arguments.string("clean", absent.name().toLowerCase(Locale.ROOT));
    return switch (name) {
      case "whitespace" -> WHITESPACE;
      case "lower" -> LOWER;
      case "canonicalize" -> CANONICALIZE;
      default ->
          throw new CheckpointException(
              "%s is \"%s\", expected whitespace, lower or canonicalize"
                  .formatted(arguments.where("clean"), name));
    };
  }

  String apply(String text) {
    String repaired = HtmlEntities.unescape(HtmlEntities.unescape(TextRepair.repair(text)));
    return switch (this) {
      case WHITESPACE -> PythonText.singleSpaced(repaired);
      case LOWER -> PythonText.lower(PythonText.singleSpaced(repaired));
      case CANONICALIZE -> canonical(repaired);
    };
  }

  private static String canonical(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '_') {
        plain.append(' ');
      } else if (!PythonText.isPunctuation(c)) {
        plain.append(c);
      }
    }
    return PythonText.singleSpaced(PythonText.lower(plain.toString()));
  }
}
