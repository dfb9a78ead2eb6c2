package ocellus.engine.threads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BackgroundTest {
  private static final long PATIENCE_SECONDS = 60;

  @Test
  void stepsAreRepeatedUntilTheLast() throws InterruptedException {
    CountDownLatch last = new CountDownLatch(1);
    AtomicInteger steps = new AtomicInteger();
    Background.submit(
        () -> {
          if (steps.incrementAndGet() < 5) {
            return false;
          }
          last.countDown();
          return true;
        });
    assertTrue(last.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
    runOne();
    assertEquals(5, steps.get());
  }

  @Test
  void aTaskThatFailsEndsAlone() throws InterruptedException {
    AtomicInteger steps = new AtomicInteger();
    Background.submit(
        () -> {
          steps.incrementAndGet();
          throw new IllegalStateException("a failure that is asked for");
        });
    runOne();
    runOne();
    assertEquals(1, steps.get());
  }

  @Test
  void aFullHeapEndsTasksButNotTheThread() throws InterruptedException {
    AtomicInteger steps = new AtomicInteger();
    Background.submit(
        () -> {
          steps.incrementAndGet();
          throw new OutOfMemoryError("a failure that is asked for");
        });
    do {
      Thread.sleep(1);
    } while (steps.get() == 0);
    runOne();
    runOne();
    assertEquals(1, steps.get());
  }

  @Test
  void aLongTaskLetsOthersThrough() throws InterruptedException {
    CountDownLatch other = new CountDownLatch(1);
    Background.submit(() -> other.getCount() == 0);
    Background.submit(
        () -> {
          other.countDown();
          return true;
        });
    assertTrue(other.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
  }

  /** Waits until a task that was submitted now has run. */
  private static void runOne() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    Background.submit(
        () -> {
          done.countDown();
          return true;
        });
    assertTrue(done.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
  }
}
