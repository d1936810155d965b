//! Charts as SVG: bars in groups, with the spread of their rounds. Legible on light and on dark
//! pages, with the fonts that a reader has.

use std::fmt::Write as _;

use super::statistics::Summary;
use super::table::figure;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 360.0;
/// Around the bars: room for the title and the legend, the names of groups, and the scale.
const TOP: f64 = 76.0;
const BOTTOM: f64 = 44.0;
const LEFT: f64 = 72.0;
const RIGHT: f64 = 20.0;
/// Of the width of a group, the part that its bars fill.
const FILLED: f64 = 0.72;
/// Lines of the scale, roughly.
const STEPS: f64 = 5.0;

/// A panel with colours of its own, so that it can be read wherever it is put.
const STYLE: &str = "\
.panel{fill:#ffffff;stroke:#d0d7de}.text{fill:#1f2328}.faint{fill:#59636e}.line{stroke:#d8dee4}\
.mark{stroke:#1f2328}.s0{fill:#8c959f}.s1{fill:#0969da}.s2{fill:#bc4c00}.s3{fill:#1a7f37}\
@media (prefers-color-scheme:dark){.panel{fill:#0d1117;stroke:#3d444d}.text{fill:#f0f6fc}\
.faint{fill:#9198a1}.line{stroke:#2b323b}.mark{stroke:#f0f6fc}.s0{fill:#6e7781}.s1{fill:#4493f8}\
.s2{fill:#e0823d}.s3{fill:#3fb950}}";

/// Bars in groups.
#[derive(Clone, Debug)]
pub struct Chart {
    /// The name of its file, without an ending.
    pub file: &'static str,
    /// What is shown, with its unit.
    pub title: String,
    /// What the bars of a group are; four at most have a colour.
    pub series: Vec<&'static str>,
    /// The name of a group, and a bar for each of the series.
    pub groups: Vec<(String, Vec<Summary>)>,
}

impl Chart {
    /// As an SVG document.
    pub fn svg(&self) -> String {
        let bars = self.groups.iter().flat_map(|(_, bars)| bars);
        let highest = bars.map(|bar| bar.greatest).fold(0.0, f64::max);
        let step = nice_step(highest / STEPS);
        let scale = Scale {
            top: (highest / step).ceil().max(1.0) * step,
        };
        let mut svg = self.frame();
        draw_scale(&mut svg, scale, step);
        self.draw_legend(&mut svg);
        self.draw_groups(&mut svg, scale, usize::from(step < 1.0));
        svg.push_str("</svg>\n");
        svg
    }

    fn frame(&self) -> String {
        let title = escaped(&self.title);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             aria-label=\"{title}\" font-family=\"system-ui,sans-serif\" font-size=\"13\">\n\
             <style>{STYLE}</style>\n\
             <rect class=\"panel\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n\
             <text class=\"text\" x=\"20\" y=\"30\" font-size=\"16\" font-weight=\"600\">{title}</text>\n",
            WIDTH - 1.0,
            HEIGHT - 1.0,
        )
    }

    fn draw_legend(&self, svg: &mut String) {
        let mut x = 20.0;
        for (index, name) in self.series.iter().enumerate() {
            let _ = writeln!(
                svg,
                "<rect class=\"s{index}\" x=\"{x}\" y=\"44\" width=\"12\" height=\"12\" rx=\"2\"/>\
                 <text class=\"text\" x=\"{}\" y=\"54\">{}</text>",
                x + 18.0,
                escaped(name)
            );
            x += 18.0 + 7.5 * super::statistics::float(name.chars().count() as u64) + 18.0;
        }
    }

    fn draw_groups(&self, svg: &mut String, scale: Scale, decimals: usize) {
        let groups = super::statistics::float(self.groups.len().max(1) as u64);
        let series = super::statistics::float(self.series.len().max(1) as u64);
        let group_width = (WIDTH - LEFT - RIGHT) / groups;
        let bar_width = group_width * FILLED / series;
        let mut group_left = LEFT;
        for (name, bars) in &self.groups {
            let mut x = group_left + group_width * (1.0 - FILLED) / 2.0;
            for (index, bar) in bars.iter().enumerate() {
                draw_bar(svg, index, bar, x, bar_width, scale, decimals);
                x += bar_width;
            }
            let _ = writeln!(
                svg,
                "<text class=\"text\" x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                group_left + group_width / 2.0,
                HEIGHT - BOTTOM + 22.0,
                escaped(name)
            );
            group_left += group_width;
        }
    }
}

#[derive(Clone, Copy)]
struct Scale {
    /// The figure at the upper end.
    top: f64,
}

impl Scale {
    fn y(self, value: f64) -> f64 {
        let height = HEIGHT - TOP - BOTTOM;
        HEIGHT - BOTTOM - height * value / self.top
    }
}

fn draw_scale(svg: &mut String, scale: Scale, step: f64) {
    let decimals = usize::from(step < 1.0);
    let mut value = 0.0;
    while value <= scale.top + step / 2.0 {
        let y = scale.y(value);
        let _ = writeln!(
            svg,
            "<line class=\"line\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"faint\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" font-size=\"12\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            y + 4.0,
            figure(value, decimals)
        );
        value += step;
    }
}

fn draw_bar(
    svg: &mut String,
    series: usize,
    bar: &Summary,
    x: f64,
    width: f64,
    scale: Scale,
    decimals: usize,
) {
    let (top, foot) = (scale.y(bar.median), scale.y(0.0));
    let middle = x + width / 2.0;
    let _ = writeln!(
        svg,
        "<rect class=\"s{series}\" x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
        x + 1.0,
        (width - 2.0).max(1.0),
        foot - top
    );
    let upper = scale.y(bar.greatest);
    if bar.greatest > bar.least {
        let _ = writeln!(
            svg,
            "<line class=\"mark\" x1=\"{middle:.1}\" x2=\"{middle:.1}\" y1=\"{upper:.1}\" y2=\"{:.1}\"/>",
            scale.y(bar.least)
        );
    }
    let _ = writeln!(
        svg,
        "<text class=\"text\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"11\">{}</text>",
        upper - 5.0,
        figure(bar.median, decimals)
    );
}

/// The next of 1, 2 or 5 times a power of ten.
fn nice_step(about: f64) -> f64 {
    if about <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(about.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let factor = factors.iter().find(|factor| **factor * power >= about);
    factor.unwrap_or(&10.0) * power
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> Chart {
        Chart {
            file: "rates",
            title: "A & B <per second>".to_owned(),
            series: vec!["reference", "ours"],
            groups: vec![
                (
                    "1".to_owned(),
                    vec![Summary::of(&[10.0]), Summary::of(&[20.0, 30.0, 25.0])],
                ),
                (
                    "64".to_owned(),
                    vec![Summary::of(&[0.0]), Summary::of(&[47.0])],
                ),
            ],
        }
    }

    #[test]
    fn every_bar_is_drawn_with_its_figure_and_its_spread() {
        let svg = chart().svg();
        assert_eq!(svg.matches("<rect class=\"s").count(), 2 + 4);
        assert_eq!(svg.matches("class=\"mark\"").count(), 1);
        assert!(svg.contains(">25<"));
        assert!(svg.contains("A &amp; B &lt;per second>"));
        assert!(svg.contains("prefers-color-scheme:dark"));
    }

    #[test]
    fn the_scale_ends_at_a_round_figure_above_everything() {
        assert!(chart().svg().contains(">50<"));
        let steps = [0.0, 0.07, 1.0, 3.0, 999.0].map(|about| figure(nice_step(about), 1));
        assert_eq!(steps, ["1.0", "0.1", "1.0", "5.0", "1,000.0"]);
    }

    #[test]
    fn a_chart_of_nothing_is_a_chart_all_the_same() {
        let empty = Chart {
            groups: Vec::new(),
            ..chart()
        };
        assert!(empty.svg().ends_with("</svg>\n"));
    }
}
