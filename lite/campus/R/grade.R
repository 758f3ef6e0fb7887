# Marks from points: "A" from 90 % on, "B" from 75 %, "C" from 60 %, "D" from 50 %, else "F".
grade <- function(points, best = 100) {
  cut(points / best, c(-Inf, 0.5, 0.6, 0.75, 0.9, Inf), c("F", "D", "C", "B", "A"), right = FALSE)
}
