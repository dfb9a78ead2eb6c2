package ocellus.engine;

import java.util.List;
import java.util.function.IntBinaryOperator;

/** Levenshtein distance, to name what was probably meant. */
public final class EditDistance {
  private EditDistance() {}

  /** What a word more or less counts between names of words: as much as two characters. */
  private static final int WORD = 2;

  /** The least number of characters to insert, remove or replace that turns one into the other. */
  public static int between(String a, String b) {
    return between(a.length(), b.length(), 1, (i, j) -> a.charAt(i) == b.charAt(j) ? 0 : 1);
  }

  /**
   * As {@link #between}, for names of words with underscores between them: to insert or remove a
   * word counts {@value #WORD}, however long it is, and to replace one as many characters as
   * differ.
   */
  public static int betweenNames(String a, String b) {
    List<String> from = List.of(a.split("_", -1));
    List<String> to = List.of(b.split("_", -1));
    return between(from.size(), to.size(), WORD, (i, j) -> between(from.get(i), to.get(j)));
  }

  /**
   * @param inserted what an element more or less costs
   * @param replaced what it costs to have element j of one for element i of the other
   */
  private static int between(int a, int b, int inserted, IntBinaryOperator replaced) {
    int[] previous = new int[b + 1];
    int[] current = new int[b + 1];
    for (int j = 0; j <= b; j++) {
      previous[j] = j * inserted;
    }
    for (int i = 1; i <= a; i++) {
      current[0] = i * inserted;
      for (int j = 1; j <= b; j++) {
        int other = previous[j - 1] + replaced.applyAsInt(i - 1, j - 1);
        current[j] = Math.min(other, inserted + Math.min(previous[j], current[j - 1]));
      }
      int[] swap = previous;
      previous = current;
      current = swap;
    }
    return previous[b];
  }
}
