package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OrderedJobsTest {
  private static final List<Integer> INPUTS = IntStream.range(0, 200).boxed().toList();

  @Test
  void resultsComeInTheOrderOfTheInputs() {
    for (int threads : new int[] {1, 2, 5}) {
      List<Integer> results = new ArrayList<>();
      OrderedJobs.run(
          INPUTS,
          threads,
          i -> {
            busy(i % 7 == 0 ? 2_000_000 : 0); // some are slow
            return 3 * i;
          },
          (input, result) -> {
            assertEquals(3 * input, result);
            results.add(result);
          });
      assertEquals(INPUTS.stream().map(i -> 3 * i).toList(), results);
    }
  }

  @Test
  void onlyAFewResultsWaitForASlowOne() {
    AtomicInteger computed = new AtomicInteger();
    int[] delivered = {0};
    OrderedJobs.run(
        INPUTS,
        4,
        i -> {
          computed.incrementAndGet();
          return i;
        },
        (input, result) -> {
          busy(100_000);
          // At most three for each of the four threads are under way beyond those delivered.
          int ahead = computed.get() - delivered[0];
          assertTrue(ahead <= 12, () -> ahead + " results ahead");
          delivered[0]++;
        });
    assertEquals(INPUTS.size(), delivered[0]);
  }

  @Test
  void aSinkThatFailsEndsTheRun() {
    AtomicInteger computed = new AtomicInteger();
    for (int threads : new int[] {1, 3}) {
      computed.set(0);
      assertThrows(
          IOException.class,
          () ->
              OrderedJobs.run(
                  INPUTS,
                  threads,
                  i -> computed.incrementAndGet(),
                  (input, result) -> {
                    throw new IOException("full");
                  }));
      assertTrue(computed.get() <= 9, () -> computed + " were computed");
    }
  }

  private static void busy(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }
}
