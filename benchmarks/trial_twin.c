/* The trial of trial_simulation.py in C, to know what a processor can give.

   382 patients in two arms, entry uniform over 60 months, exponential survival (control median 28
   months, hazard ratio 0.75), loss 5 % a year; analysis at the 300th event; log-rank Z.
   Written for speed with the same means as the kernels of debulk: 32-bit hashed counters in loops
   that vectorise, the logarithm as a polynomial on the bits, the month of the 300th event by
   counting, 32-bit keys sorted by two passes over bytes and then among neighbours.

   gcc -O3 -march=native trial_twin.c -lm; arguments: trials, seed. Prints processor seconds,
   mean Z, power. */

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define N 382
#define HALF 191
#define EVENTS 300
#define LANES 16
#define NEVER 3.0e38f

static uint32_t word[N], keys[N], other[N];
static float event[N], leave[N], enter[N], death[N];
static double treated[N], dead[N];

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static uint64_t trial_key(uint64_t seed, uint64_t trial)
{
    const uint64_t A = 0xD1342543DE82EF95u, B = 0xA0761D6478BD642Fu;
    uint64_t key = mix(seed + 0x9E3779B97F4A7C15u);
    key = mix(key + A * (trial + 1));
    key = mix(key + B * (((uint64_t)1 << 40) + 1));
    key = mix(key + A * (((uint64_t)3009 << 32) + 1));
    return mix(key + B);
}

static void words(uint32_t a, uint32_t b, uint32_t decision)
{
    uint32_t start = a + decision * 0x632BE5ABu;
    for (int i = 0; i < N; i++) {
        uint32_t x = (uint32_t)i * 0x9E3779B1u + start;
        x = (x ^ (x >> 16)) * 0x85EBCA6Bu;
        x ^= b;
        x = (x ^ (x >> 15)) * 0xC2B2AE35u;
        x = (x ^ (x >> 14)) * 0x27D4EB2Fu;
        word[i] = x ^ (x >> 16);
    }
}

static void exponentials(float *out, float mean_0, float mean_1)
{
    for (int i = 0; i < N; i++) {
        float value = (float)(int32_t)((word[i] >> 1) | 1u);
        uint32_t here;
        memcpy(&here, &value, 4);
        uint32_t above = (here - 0x3F3504F3u) & 0xFF800000u;
        float whole = (float)((int32_t)above >> 23);
        here -= above;
        memcpy(&value, &here, 4);
        float x = value - 1.0f;
        float p = -0.0763449296f;
        p = p * x + 0.12761575f;
        p = p * x - 0.131601825f;
        p = p * x + 0.142017588f;
        p = p * x - 0.166233569f;
        p = p * x + 0.200012267f;
        p = p * x - 0.250008196f;
        p = p * x + 0.333333313f;
        float square = x * x;
        p = p * (square * x);
        float drawn = (31.0f - whole) * 0.6931471805599453f - (x - (0.5f * square - p));
        out[i] = drawn * (i < HALF ? mean_0 : mean_1);
    }
}

static int count_until(float month)
{
    int count = 0;
    for (int i = 0; i < N; i++)
        count += death[i] <= month;
    return count;
}

static float last_until(float month)
{
    uint32_t limit, most = 0;
    memcpy(&limit, &month, 4);
    for (int i = 0; i < N; i++) {
        uint32_t here;
        memcpy(&here, &death[i], 4);
        here = here <= limit ? here : 0;
        most = here > most ? here : most;
    }
    memcpy(&month, &most, 4);
    return month;
}

static float month_of_event(float guess, float rate)
{
    float low = 0.0f, high = NEVER, month = guess;
    int below = 0, above = N;
    for (int turn = 1;; turn++) {
        int count = count_until(month);
        if (count == EVENTS)
            break;
        if (count < EVENTS) {
            low = month;
            below = count;
        } else {
            high = month;
            above = count;
        }
        if (turn < 5) {
            month += ((float)(EVENTS - count) - 0.5f) / rate;
            if (low < month && month < high)
                continue;
        }
        if (high == NEVER) {
            int most = count_until(NEVER * 0.999f);
            if (most < EVENTS)
                return NEVER;
            high = last_until(NEVER * 0.999f);
            above = most;
        }
        float share = turn > 14 ? 0.5f : ((float)(EVENTS - below) - 0.5f) / (float)(above - below);
        month = low + share * (high - low);
        if (!(low < month && month < high)) {
            month = 0.5f * (low + high);
            if (!(low < month && month < high))
                return last_until(high);
        }
    }
    return last_until(month);
}

static void pass(const uint32_t *from, uint32_t *to, uint32_t *counts, int shift)
{
    uint32_t total = 0;
    for (int digit = 0; digit < 256; digit++) {
        uint32_t here = counts[digit];
        counts[digit] = total;
        total += here;
    }
    for (int i = 0; i < N; i++)
        to[counts[(from[i] >> shift) & 0xFF]++] = from[i];
}

static void order(float month)
{
    static uint32_t first[256], second[256];
    float scale = 16777214.0f / month;
    for (int i = 0; i < N; i++) {
        float follow = month - enter[i];
        uint32_t happened = death[i] <= month;
        float end = happened ? leave[i] : (leave[i] < follow ? leave[i] : follow);
        end = (end > 0.0f ? end : 0.0f) * scale;
        uint32_t step = (uint32_t)(int32_t)(end < 16777214.0f ? end : 16777214.0f) + 1u;
        uint32_t arm = i >= HALF, key = (step << 8) | ((happened ^ 1u) << 7) | arm;
        keys[i] = follow >= 0.0f ? key : (1u << 7) | arm;
    }
    memset(first, 0, sizeof first);
    memset(second, 0, sizeof second);
    for (int i = 0; i < N; i++) {
        first[(keys[i] >> 16) & 0xFF]++;
        second[keys[i] >> 24]++;
    }
    pass(keys, other, first, 16);
    pass(other, keys, second, 24);
    uint32_t before = keys[0];
    for (int i = 1; i < N; i++) {
        uint32_t key = keys[i];
        int place = i;
        if (before <= key) {
            before = key;
            continue;
        }
        while (place > 0 && keys[place - 1] > key) {
            keys[place] = keys[place - 1];
            place--;
        }
        keys[place] = key;
    }
}

static double statistic(void)
{
    double shares[LANES] = {0}, squares[LANES] = {0}, total = 0.0, square = 0.0;
    int in_arm = N - HALF, observed = 0;
    for (int i = 0; i < N; i++) {
        treated[i] = in_arm;
        in_arm -= keys[i] & 1u;
    }
    for (int i = 0; i < N; i++) {
        uint32_t happened = ((keys[i] >> 7) & 1u) ^ 1u;
        dead[i] = (int)happened;
        observed += happened & keys[i];
    }
    int i = 0;
    for (; i + LANES <= N; i += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            double share = dead[i + lane] * treated[i + lane] / (double)(N - i - lane);
            shares[lane] += share;
            squares[lane] += share * share;
        }
    for (int lane = 0; i < N; i++, lane++) {
        double share = dead[i] * treated[i] / (double)(N - i);
        shares[lane] += share;
        squares[lane] += share * share;
    }
    for (int lane = 0; lane < LANES; lane++) {
        total += shares[lane];
        square += squares[lane];
    }
    return (total - observed) / sqrt(total - square);
}

int main(int count, char **given)
{
    long trials = count > 1 ? atol(given[1]) : 200000;
    uint64_t seed = count > 2 ? (uint64_t)atol(given[2]) : 1;
    float mean_0 = 28.0f / logf(2.0f), mean_1 = mean_0 / 0.75f, lost = -12.0f / logf(0.95f);
    double sum = 0.0;
    float guess = 150.0f, rate = 0.0f;
    long crossed = 0;
    struct timespec begin, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    for (long trial = 0; trial < trials; trial++) {
        uint64_t key = trial_key(seed, (uint64_t)trial);
        uint32_t a = (uint32_t)key, b = (uint32_t)(key >> 32);
        words(a, b, 1);
        exponentials(event, mean_0, mean_1);
        words(a, b, 2);
        exponentials(leave, lost, lost);
        words(a, b, 3);
        for (int i = 0; i < N; i++) {
            enter[i] = (float)(int32_t)(word[i] >> 1) * 0x1p-31f * 60.0f;
            death[i] = event[i] <= leave[i] ? enter[i] + event[i] : NEVER;
            leave[i] = event[i] < leave[i] ? event[i] : leave[i];
        }
        float month = month_of_event(guess, rate > 0.01f ? rate : 0.01f);
        if (month == NEVER) {
            month = 0.0f;
            for (int i = 0; i < N; i++)
                month = enter[i] + leave[i] > month ? enter[i] + leave[i] : month;
        } else {
            guess = month;
            if (rate == 0.0f)
                rate = (float)(count_until(1.1f * month) - count_until(0.9f * month)) / (0.2f * month);
        }
        order(month);
        double z = statistic();
        sum += z;
        crossed += z >= 1.959963984540054;
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    double seconds = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    printf("%.6f %.9f %.9f\n", seconds, sum / (double)trials, (double)crossed / (double)trials);
    return 0;
}
