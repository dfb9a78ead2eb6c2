package ocellus.loaders.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** The ids of one word: byte pair encoding of its UTF-8 bytes, the last of which is marked. */
final class ClipBpe {
  /** What marks the end of a word. */
  static final String END = "</w>";

  private static final int BYTES = 256;

  private final Merges merges;
  private final int[] inside = new int[BYTES];
  private final int[] last = new int[BYTES];
  private final WordCache cache = new WordCache();

  /**
   * @param unknown the id of what the vocabulary lacks, or {@link Frame#NONE} to leave it out
   */
  ClipBpe(BpeVocabulary vocabulary, int unknown) {
    merges = vocabulary.merges();
    Map<String, Integer> ids = vocabulary.ids();
    for (int b = 0; b < BYTES; b++) {
      String symbol = ByteAlphabet.of((byte) b);
      inside[b] = ids.getOrDefault(symbol, unknown);
      last[b] = ids.getOrDefault(symbol + END, unknown);
    }
  }

  void encode(String word, TokenBuffer ids) {
    ids.addAll(cache.get(word, this::encode));
  }

  private int[] encode(String word) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    int[] symbols = new int[bytes.length];
    int size = 0;
    for (int i = 0; i < bytes.length; i++) {
      int symbol = (i + 1 < bytes.length ? inside : last)[bytes[i] & 0xff];
      if (symbol != Frame.NONE) {
        symbols[size++] = symbol;
      }
    }
    return Arrays.copyOf(symbols, BytePairs.merge(merges, symbols, size));
  }
}
