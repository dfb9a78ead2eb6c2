package ocellus.loaders.tokenizer;

import java.util.Arrays;

/**
 * What a text's ids are set into.
 *
 * @param contextLength how many ids the tower takes
 * @param start the id before the text, or {@link #NONE}
 * @param end the id after the text, also where the text is cut; or {@link #NONE}
 * @param endsOnce whether a text that ends with the end token gets no other
 * @param padding the id that fills the rest
 * @param padsLeft whether the padding precedes the text
 */
record Frame(
    int contextLength, int start, int end, boolean endsOnce, int padding, boolean padsLeft) {
  static final int NONE = -1;

  /** How many ids of a text fit. */
  int room() {
    return contextLength - (start == NONE ? 0 : 1) - (end == NONE ? 0 : 1);
  }

  Frame withContextLength(int length) {
    return new Frame(length, start, end, endsOnce, padding, padsLeft);
  }

  TextTokens around(TokenBuffer text) {
    boolean ended = endsOnce && text.size() > 0 && text.get(text.size() - 1) == end;
    int length = contextLength - room() + text.size() - (ended ? 1 : 0);
    int offset = padsLeft ? contextLength - length : 0;
    int[] ids = new int[contextLength];
    Arrays.fill(ids, padding);
    int at = offset;
    if (start != NONE) {
      ids[at++] = start;
    }
    for (int i = 0; i < text.size(); i++) {
      ids[at++] = text.get(i);
    }
    if (end != NONE && !ended) {
      ids[at] = end;
    }
    return new TextTokens(ids, offset, length, text.overflowed());
  }
}
