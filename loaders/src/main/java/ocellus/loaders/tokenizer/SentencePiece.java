package ocellus.loaders.tokenizer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ocellus.loaders.CheckpointException;

/**
 * SentencePiece's unigram tokenizer.
 *
 * <p>Source: {@code normalizer.cc} and {@code unigram_model.cc} of SentencePiece 0.2.
 */
final class SentencePiece {
  static final char SPACE = '\u2581';

  private static final int BYTES = 256;

  private final SentencePieceModel.Normalizer normalizer;
  private final CharsMap charsMap;
  private final Unigram unigram;
  private final Map<String, Integer> ids = new HashMap<>();
  private final int size;

  SentencePiece(SentencePieceModel model) {
    normalizer = model.normalizer();
    charsMap = CharsMap.of(model.source(), normalizer.charsMap());
    List<SentencePieceModel.Piece> pieces = model.pieces();
    size = pieces.size();
    PieceTrie trie = new PieceTrie();
    double[] scores = new double[size];
    double least = Double.MAX_VALUE;
    int unknown = Frame.NONE;
    for (int id = 0; id < size; id++) {
      SentencePieceModel.Piece piece = pieces.get(id);
      ids.putIfAbsent(piece.text(), id);
      scores[id] = piece.score();
      switch (piece.kind()) {
        case NORMAL -> {
          trie.add(piece.text(), id);
          least = Math.min(least, piece.score());
        }
        case UNKNOWN -> unknown = id;
        default -> {} // never found in a text
      }
    }
    if (unknown == Frame.NONE || least == Double.MAX_VALUE) {
      throw new CheckpointException(
          model.source() + ": damaged: no piece for what is unknown, or no other; fetch it again");
    }
    unigram = new Unigram(trie, scores, unknown, least, true, byteIds(model));
  }

  private int[] byteIds(SentencePieceModel model) {
    if (!model.byteFallback()) {
      return new int[0];
    }
    int[] byteIds = new int[BYTES];
    for (int b = 0; b < BYTES; b++) {
      Integer id = ids.get("<0x%02X>".formatted(b));
      if (id == null) {
        throw new CheckpointException(
            "%s: damaged: no piece for the byte %02X; fetch it again".formatted(model.source(), b));
      }
      byteIds[b] = id;
    }
    return byteIds;
  }

  /** The ids of all pieces by their text, also of those that are never found in a text. */
  Map<String, Integer> ids() {
    return ids;
  }

  int size() {
    return size;
  }

  int[] encode(String text) {
    return unigram.encode(normalize(text));
  }

  private String normalize(String text) {
    String replaced = charsMap.replaceLongest(text);
    boolean trims = normalizer.removesExtraSpaces();
    if (trims) {
      replaced = singleSpaced(replaced);
    }
    if (replaced.isEmpty()) {
      return replaced;
    }
    String whole = normalizer.addsPrefix() ? " " + replaced : replaced;
    String escaped = normalizer.escapesSpaces() ? whole.replace(' ', SPACE) : whole;
    return trims ? withoutTrailingSigns(escaped) : escaped;
  }

  /** Signs for spaces may also have been in the text. */
  private static String withoutTrailingSigns(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == SPACE) {
      end--;
    }
    return text.substring(0, end);
  }

  /** Without spaces at the ends, and with one where there are several. */
  private static String singleSpaced(String text) {
    char[] kept = new char[text.length()];
    int size = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != ' ' || (size > 0 && kept[size - 1] != ' ')) {
        kept[size++] = c;
      }
    }
    return new String(Arrays.copyOf(kept, size > 0 && kept[size - 1] == ' ' ? size - 1 : size));
  }
}
