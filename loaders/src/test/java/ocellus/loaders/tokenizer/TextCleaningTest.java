package ocellus.loaders.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ocellus.engine.OcellusException;
import org.junit.jupiter.api.Test;

/** What repairing text does, by examples; TokenizerReferenceTest has the many. */
class TextCleaningTest {
  private static String lower(String text) {
    return TextCleaning.LOWER.apply(text);
  }

  @Test
  void undoesWhatWentWrongWithText() {
    assertEquals("schön", lower("schÃ¶n")); // UTF-8 read as ISO-8859-1
    assertEquals("l'été — \"", lower("lâ€™Ã©tÃ© â€” &ldquo;"));
    assertEquals("fine flour", lower("\ufb01ne \ufb02our"));
    assertEquals("loud noises", lower("ＬＯＵＤ　ＮＯＩＳＥＳ"));
    assertEquals("plain", lower("\u001b[36;44mplain\u001b[0m"));
  }

  @Test
  void resolvesReferencesOfHtml() {
    assertEquals("a < b & c", lower("a &lt; b &amp;amp; c"));
    assertEquals("pérez ñ &ntilde;", lower("P&EACUTE;REZ &NTILDE; &nTILDE;"));
    assertEquals("\u20ac a \ufffd", lower("&#128; &#0000000065; &#x110000000000;"));
  }

  @Test
  void canonicalTextHasNoPunctuation() {
    assertEquals("a b c d", TextCleaning.CANONICALIZE.apply(" A_b, (C)\t\"d\"! "));
    assertEquals("A b", TextCleaning.WHITESPACE.apply(" A\n b "));
  }

  @Test
  void aSigmaThatEndsAWordHasItsOwnForm() {
    assertEquals("οδυσσευς σ", lower("ΟΔΥΣΣΕΥΣ Σ"));
  }

  @Test
  void referencesWithoutEndAreRefused() {
    String deep = "&" + "amp;".repeat(200);
    String message = assertThrows(OcellusException.class, () -> lower(deep)).getMessage();
    assertTrue(message.contains("references within references"), message);
  }
}
