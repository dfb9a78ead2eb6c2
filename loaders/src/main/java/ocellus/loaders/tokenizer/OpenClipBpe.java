package ocellus.loaders.tokenizer;

import java.util.List;

/**
 * CLIP's tokenizer as OpenAI's code and open_clip have it ({@code SimpleTokenizer}): the text is
 * cleaned first.
 */
final class OpenClipBpe implements TextEncoder {
  private static final List<String> LITERALS = List.of("<start_of_text>", "<end_of_text>");

  private final TextCleaning cleaning;
  private final ClipBpe words;
  private final int[] literalIds;
  private final int vocabularySize;

  /**
   * @param start the id of the start token, which the text {@code <start_of_text>} also gives
   * @param end the id of the end token, which the text {@code <end_of_text>} also gives
   */
  OpenClipBpe(TextCleaning cleaning, BpeVocabulary vocabulary, int start, int end) {
    this.cleaning = cleaning;
    words = new ClipBpe(vocabulary, Frame.NONE);
    literalIds = new int[] {start, end};
    vocabularySize = vocabulary.size();
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public void encode(String text, TokenBuffer ids) {
    ClipWords cut = new ClipWords(cleaning.apply(text), true);
    while (!ids.overflowed()) {
      int literal = literalNext(cut);
      if (literal >= 0) {
        cut.next(LITERALS.get(literal));
        encodeLiteral(cut.word(), literal, ids);
      } else if (cut.next()) {
        words.encode(cut.word(), ids);
      } else {
        return;
      }
    }
  }

  /** Only in lower case a literal is a token; otherwise it is an ordinary word. */
  private void encodeLiteral(String word, int literal, TokenBuffer ids) {
    if (word.equals(LITERALS.get(literal))) {
      ids.add(literalIds[literal]);
    } else {
      words.encode(word, ids);
    }
  }

  private static int literalNext(ClipWords cut) {
    for (int i = 0; i < LITERALS.size(); i++) {
      if (cut.nextIs(LITERALS.get(i))) {
        return i;
      }
    }
    return Frame.NONE;
  }
}
