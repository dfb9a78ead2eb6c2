package ocellus.engine.threads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8})
  void runsEachChunkOnce(int count) {
    try (Threads team = Threads.of(count)) {
      for (int chunks : new int[] {0, 1, 2, 3, 7, 100, 10_000}) {
        AtomicIntegerArray runs = new AtomicIntegerArray(chunks);
        team.run(chunks, (chunk, worker) -> runs.incrementAndGet(chunk));
        for (int i = 0; i < chunks; i++) {
          assertEquals(1, runs.get(i), i + " of " + chunks);
        }
      }
    }
  }

  @Test
  void resultsAreVisibleToTheCaller() {
    try (Threads team = Threads.of(4)) {
      int[] results = new int[64];
      for (int region = 1; region < 2000; region++) {
        int value = region;
        team.run(results.length, (chunk, worker) -> results[chunk] += value);
        int sum = Arrays.stream(results).sum();
        assertEquals(64L * region * (region + 1) / 2, sum);
      }
    }
  }

  @Test
  void threadsThatRunAtOnceAreDifferentWorkers() {
    try (Threads team = Threads.of(4)) {
      AtomicIntegerArray busy = new AtomicIntegerArray(team.count());
      AtomicInteger clashes = new AtomicInteger();
      for (int region = 0; region < 500; region++) {
        team.run(
            32,
            (chunk, worker) -> {
              if (busy.incrementAndGet(worker) != 1) {
                clashes.incrementAndGet();
              }
              Thread.onSpinWait();
              busy.decrementAndGet(worker);
            });
      }
      assertEquals(0, clashes.get());
    }
  }

  @Test
  void workersTakePart() {
    try (Threads team = Threads.of(3)) {
      Set<Thread> seen = ConcurrentHashMap.newKeySet();
      CountDownLatch all = new CountDownLatch(3);
      assertTimeoutPreemptively(
          PATIENCE,
          () ->
              team.run(
                  3,
                  (chunk, worker) -> {
                    seen.add(Thread.currentThread());
                    all.countDown();
                    await(all);
                  }));
      assertEquals(3, seen.size());
    }
  }

  @Test
  void aTeamOfOneIsTheCaller() {
    assertSame(Threads.SERIAL, Threads.of(1));
    List<Thread> seen = new ArrayList<>();
    Threads.SERIAL.run(3, (chunk, worker) -> seen.add(Thread.currentThread()));
    Thread self = Thread.currentThread();
    assertEquals(List.of(self, self, self), seen);
    assertThrows(IllegalArgumentException.class, () -> Threads.of(0));
  }

  @Test
  void whatAChunkThrowsTheCallerGets() {
    try (Threads team = Threads.of(3)) {
      for (int region = 0; region < 300; region++) {
        int failing = region % 8;
        RuntimeException thrown = new IllegalStateException("chunk " + failing);
        Throwable caught =
            assertThrows(
                IllegalStateException.class,
                () ->
                    team.run(
                        8,
                        (chunk, worker) -> {
                          if (chunk == failing) {
                            throw thrown;
                          }
                        }));
        assertSame(thrown, caught);
        AtomicInteger runs = new AtomicInteger();
        team.run(8, (chunk, worker) -> runs.incrementAndGet());
        assertEquals(8, runs.get());
      }
      assertThrows(
          StackOverflowError.class,
          () ->
              team.run(
                  4,
                  (chunk, worker) -> {
                    throw new StackOverflowError();
                  }));
    }
  }

  @Test
  void regionsNest() {
    try (Threads team = Threads.of(3)) {
      AtomicInteger runs = new AtomicInteger();
      assertTimeoutPreemptively(
          PATIENCE,
          () -> team.run(5, (outer, worker) -> team.run(7, (inner, w) -> runs.incrementAndGet())));
      assertEquals(35, runs.get());
    }
  }

  @Test
  void callersShareATeam() throws InterruptedException {
    try (Threads team = Threads.of(3)) {
      AtomicInteger runs = new AtomicInteger();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Thread caller =
            new Thread(
                () -> {
                  for (int region = 0; region < 2000; region++) {
                    team.run(6, (chunk, worker) -> runs.incrementAndGet());
                  }
                });
        caller.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
        caller.start();
        callers.add(caller);
      }
      for (Thread caller : callers) {
        caller.join(PATIENCE.toMillis());
      }
      assertEquals(null, failure.get());
      assertEquals(4 * 2000 * 6, runs.get());
    }
  }

  @Test
  void eachCallerGetsWhatItsOwnChunksThrow() throws InterruptedException {
    try (Threads team = Threads.of(3)) {
      AtomicInteger wrong = new AtomicInteger();
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        RuntimeException own = i == 0 ? null : new IllegalStateException("caller " + i);
        Thread caller =
            new Thread(
                () -> {
                  for (int region = 0; region < 5000; region++) {
                    if (!Objects.equals(thrownBy(team, own), own)) {
                      wrong.incrementAndGet();
                    }
                  }
                });
        caller.start();
        callers.add(caller);
      }
      for (Thread caller : callers) {
        caller.join(PATIENCE.toMillis());
      }
      assertEquals(0, wrong.get());
    }
  }

  private static RuntimeException thrownBy(Threads team, RuntimeException thrown) {
    try {
      team.run(
          4,
          (chunk, worker) -> {
            if (thrown != null && chunk == 2) {
              throw thrown;
            }
          });
      return null;
    } catch (IllegalStateException e) {
      return e;
    }
  }

  @Test
  void survivesManySmallRegions() {
    try (Threads team = Threads.of(4)) {
      int regions = 100_000;
      AtomicInteger runs = new AtomicInteger();
      assertTimeoutPreemptively(
          PATIENCE,
          () -> {
            for (int region = 0; region < regions; region++) {
              team.run(1 + region % 5, (chunk, worker) -> runs.incrementAndGet());
            }
          });
      assertEquals(regions / 5 * 15, runs.get());
    }
  }

  @Test
  void idleWorkersTakeNoTime() throws InterruptedException {
    try (Threads team = Threads.of(4)) {
      List<Thread> workers = workersOf(team);
      assertEquals(3, workers.size());
      Thread.sleep(5);
      long before = cpuNanos(workers);
      // Under load a worker may take a while to come to the end of its spinning.
      for (int i = 0; i < 100 && !workers.stream().allMatch(ThreadsTest::isParked); i++) {
        Thread.sleep(5);
        before = cpuNanos(workers);
      }
      Thread.sleep(50);
      assertEquals(before, cpuNanos(workers));
      // And they wake up again.
      AtomicInteger runs = new AtomicInteger();
      team.run(100, (chunk, worker) -> runs.incrementAndGet());
      assertEquals(100, runs.get());
    }
  }

  @Test
  void workersEndWhenTheTeamIsClosed() throws InterruptedException {
    Threads team = Threads.of(3);
    List<Thread> workers = workersOf(team);
    team.close();
    for (Thread worker : workers) {
      worker.join(PATIENCE.toMillis());
      assertTrue(!worker.isAlive(), worker.getName());
    }
    AtomicInteger runs = new AtomicInteger();
    team.run(10, (chunk, worker) -> runs.incrementAndGet());
    assertEquals(10, runs.get());
  }

  /** The workers' threads, found by having all of them wait for each other in one region. */
  private static List<Thread> workersOf(Threads team) {
    Set<Thread> members = ConcurrentHashMap.newKeySet();
    CountDownLatch all = new CountDownLatch(team.count());
    team.run(
        team.count(),
        (chunk, worker) -> {
          members.add(Thread.currentThread());
          all.countDown();
          await(all);
        });
    members.remove(Thread.currentThread());
    return List.copyOf(members);
  }

  private static boolean isParked(Thread thread) {
    return thread.getState() == Thread.State.WAITING;
  }

  private static long cpuNanos(List<Thread> threads) {
    ThreadMXBean management = ManagementFactory.getThreadMXBean();
    return threads.stream().mapToLong(t -> management.getThreadCpuTime(t.threadId())).sum();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
