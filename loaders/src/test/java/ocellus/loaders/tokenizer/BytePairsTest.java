package ocellus.loaders.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BytePairsTest {
  private static final int LETTERS = 3;

  /** Merges as they are learned: of symbols that are there already, each pair once. */
  private static Merges learned(Random random, int count) {
    Merges merges = new Merges(count);
    int known = LETTERS;
    while (merges.size() < count) {
      int left = random.nextInt(known);
      int right = random.nextInt(known);
      if (merges.rank(left, right) < 0) {
        merges.add(left, right, known++);
      }
    }
    return merges;
  }

  /** Looks for the best pair of all anew after each merge. */
  private static int[] plainly(Merges merges, int[] symbols) {
    List<Integer> word = new ArrayList<>(Arrays.stream(symbols).boxed().toList());
    while (true) {
      int best = -1;
      for (int i = 0; i + 1 < word.size(); i++) {
        int rank = merges.rank(word.get(i), word.get(i + 1));
        if (rank >= 0 && (best < 0 || rank < merges.rank(word.get(best), word.get(best + 1)))) {
          best = i;
        }
      }
      if (best < 0) {
        return word.stream().mapToInt(Integer::intValue).toArray();
      }
      int rank = merges.rank(word.get(best), word.get(best + 1));
      word.set(best, merges.product(rank));
      word.subList(best + 1, best + 2).clear();
    }
  }

  @Test
  void mergesInTheOrderInWhichPairsWereLearned() {
    Random random = new Random(1);
    for (int trial = 0; trial < 2000; trial++) {
      Merges merges = learned(random, 1 + random.nextInt(30));
      int[] symbols = random.ints(random.nextInt(40), 0, LETTERS).toArray();
      int[] expected = plainly(merges, symbols);
      int size = BytePairs.merge(merges, symbols, symbols.length);
      assertArrayEquals(expected, Arrays.copyOf(symbols, size));
    }
  }

  @Test
  void aVeryLongWordTakesNoLongerThanManyShortOnes() {
    int[] symbols = new Random(2).ints(1_000_000, 0, LETTERS).toArray();
    Merges merges = learned(new Random(3), 500);
    assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> BytePairs.merge(merges, symbols, symbols.length));
  }
}
