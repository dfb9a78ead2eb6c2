package ocellus.loaders.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The most probable way to cut a text into pieces. Time O(n) for pieces of bounded length.
 *
 * <p>Source: Kudo 2018, and {@code EncodeOptimized} of SentencePiece's {@code unigram_model.cc}.
 */
final class Unigram {
  /** How much less probable than the least probable piece a character is that none has. */
  private static final int UNKNOWN_PENALTY = 10;

  private static final int BYTES_A_CHAR = 3; // at most, in UTF-8

  private final PieceTrie pieces;
  private final double[] scores;
  private final int unknown;
  private final double unknownScore;
  private final boolean singlePrecision;
  private final int[] byteIds;

  /**
   * @param pieces those that may be found
   * @param scores logarithms of probabilities by id
   * @param unknown the id for characters that no piece has
   * @param least the least score of a piece
   * @param singlePrecision whether sums are rounded to {@code float}, as in SentencePiece
   * @param byteIds the ids of the bytes that unknown characters are cut into; empty: they stay
   *     unknown, and neighbours are one
   */
  Unigram(
      PieceTrie pieces,
      double[] scores,
      int unknown,
      double least,
      boolean singlePrecision,
      int[] byteIds) {
    this.pieces = pieces;
    this.scores = scores;
    this.unknown = unknown;
    this.singlePrecision = singlePrecision;
    this.byteIds = byteIds.clone();
    unknownScore = rounded(least - UNKNOWN_PENALTY);
  }

  private double rounded(double score) {
    return singlePrecision ? (float) score : score;
  }

  /** The ids of the pieces. */
  int[] encode(String text) {
    int length = text.length();
    double[] best = new double[length + 1];
    int[] start = new int[length + 1]; // of the last piece on the best way to each place
    int[] piece = new int[length + 1];
    Arrays.fill(start, PieceTrie.NONE);
    for (int from = 0; from < length; ) {
      int single = from + Character.charCount(text.codePointAt(from));
      boolean known = false;
      int node = PieceTrie.ROOT;
      for (int to = from; to < length; ) {
        node = pieces.next(node, text.charAt(to++));
        if (node == PieceTrie.NONE) {
          break;
        }
        int id = pieces.id(node);
        if (id != PieceTrie.NONE) {
          known |= to == single;
          double score = rounded(scores[id] + best[from]);
          if (start[to] == PieceTrie.NONE || score > best[to]) {
            best[to] = score;
            start[to] = from;
            piece[to] = id;
          }
        }
      }
      double score = rounded(unknownScore + best[from]);
      if (!known && (start[single] == PieceTrie.NONE || score > best[single])) {
        best[single] = score;
        start[single] = from;
        piece[single] = unknown;
      }
      from = single;
    }
    return backwards(text, start, piece);
  }

  private int[] backwards(String text, int[] start, int[] piece) {
    int[] ids = new int[BYTES_A_CHAR * text.length()];
    int first = ids.length;
    for (int at = text.length(); at > 0; at = start[at]) {
      if (piece[at] == unknown && byteIds.length > 0) {
        byte[] utf8 = text.substring(start[at], at).getBytes(StandardCharsets.UTF_8);
        for (int i = utf8.length - 1; i >= 0; i--) {
          ids[--first] = byteIds[utf8[i] & 0xff];
        }
      } else if (piece[at] != unknown || first == ids.length || ids[first] != unknown) {
        ids[--first] = piece[at];
      }
    }
    return Arrays.copyOfRange(ids, first, ids.length);
  }
}
