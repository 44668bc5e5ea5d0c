use super::*;

const COLUMNS: [Column<'static>; 4] = [
    Column::names("name", 8),
    Column::whole("python"),
    Column::paths("project", 10).dropped(2),
    Column::whole("packages").right().dropped(1),
];

fn rows() -> Vec<Vec<Cell>> {
    let row = |cells: [&str; 4]| cells.map(|text| Cell::from(text.to_string())).to_vec();
    vec![row(["a-name-of-22-characters", "3.12.1", "~/work/customers/api", "7"]), row(["漢字", "3.9", "", "123"])]
}

fn at(limit: usize) -> String {
    let text = table_in(&COLUMNS, &rows(), Some(limit), false);
    for line in text.lines() {
        assert!(measure(line) <= limit, "{limit}: {line}");
    }
    text
}

#[test]
fn everything_is_shown_where_there_is_room() {
    insta::assert_snapshot!(table_in(&COLUMNS, &rows(), None, false), @"
        name                     python  project               packages
        a-name-of-22-characters  3.12.1  ~/work/customers/api         7
        漢字                     3.9                                123
        ");
    assert_eq!(at(100), table_in(&COLUMNS, &rows(), None, false));
}

#[test]
fn paths_are_cut_before_names_and_columns_go_last() {
    insta::assert_snapshot!(at(56), @"
        name                     python  project        packages
        a-name-of-22-characters  3.12.1  ~/wo…mers/api         7
        漢字                     3.9                         123
        ");
    insta::assert_snapshot!(at(44), @"
        name            python  project     packages
        a-name-…acters  3.12.1  ~/w…rs/api         7
        漢字            3.9                      123
        ");
    insta::assert_snapshot!(at(30), @"
        name        python  project
        a-nam…ters  3.12.1  ~/w…rs/api
        漢字        3.9
        ");
    insta::assert_snapshot!(at(20), @"
        name          python
        a-name…cters  3.12.1
        漢字          3.9
        ");
    at(13);
}

#[test]
fn one_long_name_takes_no_column_from_the_others() {
    let long = "customer-portal-backend-feature-4711-of-somebody-who-likes-names";
    let table = |names: &[&str], limit| {
        let row = |name: &&str| [name, "3.12.1", "~/work/api", "7"].map(|text| Cell::from(text.to_string())).to_vec();
        let text = table_in(&COLUMNS, &names.iter().map(row).collect::<Vec<_>>(), Some(limit), false);
        assert!(text.lines().all(|line| measure(line) <= limit), "{limit}: {text}");
        text
    };
    insta::assert_snapshot!(table(&["api", long, "web"], 60), @"
        name                            python  project     packages
        api                             3.12.1  ~/work/api         7
        customer-portal…ho-likes-names  3.12.1  ~/work/api         7
        web                             3.12.1  ~/work/api         7
        ");
    // Where most are long, the names are what the table is about.
    let like = "customer-portal-backend-feature-4712-of-somebody-who-likes-names";
    insta::assert_snapshot!(table(&["api", long, like], 60), @"
        name                                      python  project
        api                                       3.12.1  ~/work/api
        customer-p…1-of-somebody-who-likes-names  3.12.1  ~/work/api
        customer-p…2-of-somebody-who-likes-names  3.12.1  ~/work/api
        ");
    insta::assert_snapshot!(table(&["api", long, like], 40), @"
        name                              python
        api                               3.12.1
        cu…1-of-somebody-who-likes-names  3.12.1
        cu…2-of-somebody-who-likes-names  3.12.1
        ");
}

#[test]
fn one_long_name_is_cut_before_a_column_is_left_out() {
    let columns = [Column::names("name", 24), Column::whole("python"), Column::paths("project", 20).dropped(1)];
    let long = "customer-portal-backend-feature-4711-of-somebody-who-likes-long-names";
    let table = |names: &[&str], limit| {
        let row =
            |name: &&str| [name, "3.12.1", "~/work/customers/api"].map(|text| Cell::from(text.to_string())).to_vec();
        table_in(&columns, &names.iter().map(row).collect::<Vec<_>>(), Some(limit), false)
    };
    insta::assert_snapshot!(table(&["api", long, "scratch-of-today"], 54), @"
        name                      python  project
        api                       3.12.1  ~/work/customers/api
        customer-por…-long-names  3.12.1  ~/work/customers/api
        scratch-of-today          3.12.1  ~/work/customers/api
        ");
    // But not to less than names usually have.
    insta::assert_snapshot!(table(&["api", long, "scratch-of-the-other-day"], 48), @"
        name                                      python
        api                                       3.12.1
        customer-portal-back…ho-likes-long-names  3.12.1
        scratch-of-the-other-day                  3.12.1
        ");
    // Where that is not enough, the column is left out.
    insta::assert_snapshot!(table(&["api", "blog", "cms", long], 30), @"
        name                    python
        api                     3.12.1
        blog                    3.12.1
        cms                     3.12.1
        customer-po…long-names  3.12.1
        ");
}

#[test]
fn short_values_stay_whole_where_long_ones_are_cut() {
    let columns =
        [Column::names("package", 16), Column::names("api", 10), Column::names("blog", 10), Column::whole("change")];
    let rows = [
        ["a-rather-long-distribution-name", "2026.11.28.dev1+g1234567", "-", "removed"],
        ["requests", "2.31.0", "2.32.0", "upgraded"],
    ];
    let rows: Vec<_> = rows.map(|row| row.map(|cell| Cell::from(cell.to_string())).to_vec()).into();
    insta::assert_snapshot!(table_in(&columns, &rows, Some(40), false), @"
    package   api           blog    change
    a-ra…ame  2026.1…34567  -       removed
    requests  2.31.0        2.32.0  upgraded
    ");
    assert!(table_in(&columns, &rows, Some(30), false).lines().all(|line| measure(line) <= 30));
}

#[test]
fn colour_takes_no_room() {
    let rows = [vec![Cell::styled("a", HEADING), Cell::from("b".to_string())]];
    let columns = [Column::whole("xx"), Column::whole("")];
    let text = table_in(&columns, &rows, Some(80), true);
    assert_eq!(text, "\x1b[1mxx\x1b[0m\n\x1b[1ma\x1b[0m   b\n");
}

/// What the list of environments has: names matter most, then where they are used.
#[test]
fn other_columns_go_before_names_are_cut_too_much_and_paths_keep_a_third() {
    let columns = [
        Column::names("name", 24),
        Column::paths("project", 20).dropped(3),
        Column::whole("packages").right().dropped(1),
        Column::whole("last used").dropped(2),
    ];
    let row = |cells: [&str; 4]| cells.map(|text| Cell::from(text.to_string())).to_vec();
    let long = "customer-portal-backend-feature-4711-of-somebody";
    let path = "~/work/customers/portal/services/backend/gateway";
    let rows = [row([long, path, "7", "5m ago"]), row(["api", "~/work/api", "12", "never"])];
    let first = |limit| table_in(&columns, &rows, Some(limit), false).lines().take(2).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(first(67), @"
        name                      project               packages  last used
        customer-por…of-somebody  ~/work/…kend/gateway         7  5m ago
        ");
    insta::assert_snapshot!(first(66), @"
        name                             project                 last used
        customer-portal…711-of-somebody  ~/work/…ackend/gateway  5m ago
        ");
    insta::assert_snapshot!(first(46), @"
        name                      project
        customer-por…of-somebody  ~/work/…kend/gateway
        ");
    insta::assert_snapshot!(first(45), @"
        name
        customer-portal-backen…ature-4711-of-somebody
        ");
    insta::assert_snapshot!(first(100), @"
        name                                          project                            packages  last used
        customer-portal-backen…ture-4711-of-somebody  ~/work/cust…vices/backend/gateway         7  5m ago
        ");
}
